// SPDX-License-Identifier: MIT
// A pipe for the output, a file for the input, and a deadline.
#include "mkpxerd/netboot/runtime/program.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/execute.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kept_lines = 40;
constexpr auto longest_run = std::chrono::hours(1);
constexpr std::size_t max_in_pipe = 64 << 10; // bytes: pipe(7)

// Logs the complete lines of the text so far; the rest stays.
void take_lines(std::string& text, const std::string& name, Log& log, ProgramRun& run) {
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        if (line.empty()) continue;
        log.detail(LogSubject::Packages, fmt::format("{}: {}", name, line));
        run.last_lines.push_back(line);
        if (run.last_lines.size() > kept_lines) run.last_lines.pop_front();
    }
}

// Reads the rest of the pipe, but no more than a pipe can hold: another process may still write into it.
void take_rest(int pipe, std::string& text) {
    std::array<char, 4096> buffer{};
    for (std::size_t left = max_in_pipe; left > 0; left -= std::min(left, buffer.size())) {
        const ssize_t got = ::read(pipe, buffer.data(), buffer.size()); // Asio has made it non-blocking
        if (got <= 0) return;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace

RunTime::RunTime(Deadline begin, Deadline deadline)
    : begin_(begin), deadline_(deadline), patience_(deadline - std::min(begin, deadline)) {}

void RunTime::has_output(Deadline now) {
    deadline_ = std::max(deadline_, std::min(now + patience_, begin_ + longest_run));
}

int execute_program(const System& system, const Program& program) {
    (void)execute(system.host(program.path), program);
    return exit_not_started;
}

Task<ProgramRun> run_program(asio::io_context& io, System& system, Log& log, Children& children,
                             Program program, std::filesystem::path input, Deadline deadline) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        co_return fail_errno(program.path, "cannot create a pipe", errno);
    UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const auto pid = children.start([&] {
        const int in = ::open(input.empty() ? "/dev/null" : input.c_str(), O_RDONLY);
        ::dup2(in, STDIN_FILENO);
        ::dup2(write_end.get(), STDOUT_FILENO);
        ::dup2(write_end.get(), STDERR_FILENO);
        return execute_program(system, program);
    });
    if (!pid)
        co_return fail(program.path, "cannot be started: " + pid.error().text(), {},
                       Failure::CannotStartProgram);
    write_end.reset();

    auto watched_end = watched(io, std::move(read_end), program.path);
    if (!watched_end) {
        (void)co_await children.wait(*pid, Clock::now());
        co_return fail(std::move(watched_end).error());
    }
    asio::posix::stream_descriptor& output = *watched_end;
    boost::system::error_code error;
    // A process that the program left running may keep the pipe open: reading stops when the program ends,
    // or at the deadline.
    Interrupt at_end(io, deadline, children.end_of(*pid), [&] {
        boost::system::error_code ignored;
        output.cancel(ignored);
    });
    const std::string name = program.path.substr(program.path.rfind('/') + 1);
    ProgramRun run;
    std::string text;
    std::array<char, 4096> buffer{};
    RunTime time(Clock::now(), deadline);
    while (!error && !at_end.fired()) {
        const std::size_t got = co_await output.async_read_some(
            asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        text.append(buffer.data(), got);
        take_lines(text, name, log, run);
        if (got == 0 || at_end.fired()) continue;
        time.has_output(Clock::now());
        at_end.postpone(time.deadline());
    }
    take_rest(output.native_handle(), text);
    text += '\n';
    take_lines(text, name, log, run);
    const auto status = co_await children.wait(*pid, time.deadline());
    if (!status) co_return fail(program.path, "took too long and was killed", {}, Failure::ProgramTimeout);
    if (*status == exit_not_started && run.last_lines.empty())
        co_return fail(program.path, "cannot be executed",
                       "is it for this machine, with its libraries in the image?",
                       Failure::CannotStartProgram);
    run.status = *status;
    co_return run;
}

} // namespace mkpxerd::netboot
