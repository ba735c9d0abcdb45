// SPDX-License-Identifier: MIT
// A pipe for the output, a file for the input, and a deadline.
#include "mkpxerd/netboot/program.hpp"

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
#include "mkpxerd/netboot/async.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kept_lines = 40;
constexpr auto longest_run = std::chrono::hours(1);

// Complete lines of the text so far go to the log; what follows the last one stays.
void take_lines(std::string& text, const std::string& name, Log& log, ProgramRun& run) {
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        if (line.empty()) continue;
        log.detail(fmt::format("{}: {}", name, line));
        run.last_lines.push_back(line);
        if (run.last_lines.size() > kept_lines) run.last_lines.pop_front();
    }
}

} // namespace

int execute_program(const System& system, const Program& program) {
    std::vector<std::string> words = program.arguments;
    words.insert(words.begin(), program.path);
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<std::string> variables = program.environment;
    std::vector<char*> environment;
    for (std::string& variable : variables)
        environment.push_back(variable.data());
    environment.push_back(nullptr);
    ::execve(system.host(program.path).c_str(), arguments.data(),
             variables.empty() ? environ : environment.data());
    return exit_not_started;
}

Task<ProgramRun> run_program(asio::io_context& io, System& system, Log& log, Children& children,
                             Program program, std::filesystem::path input, Deadline deadline) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) co_return fail_errno(program.path, "cannot make a pipe", errno);
    UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const auto pid = children.start([&] {
        const int in = ::open(input.empty() ? "/dev/null" : input.c_str(), O_RDONLY);
        ::dup2(in, STDIN_FILENO);
        ::dup2(write_end.get(), STDOUT_FILENO);
        ::dup2(write_end.get(), STDERR_FILENO);
        return execute_program(system, program);
    });
    if (!pid) co_return fail(program.path, "cannot be started: " + pid.error().text(), {}, "MPX-SYS-02");
    write_end.reset();

    asio::posix::stream_descriptor output(io);
    boost::system::error_code error;
    output.assign(read_end.release(), error);
    // What the program leaves running may keep the pipe open: the deadline holds for the reading too.
    Interrupt at_deadline(io, deadline, {}, [&] {
        boost::system::error_code ignored;
        output.close(ignored);
    });
    const std::string name = program.path.substr(program.path.rfind('/') + 1);
    ProgramRun run;
    std::string text;
    std::array<char, 4096> buffer{};
    const auto begin = Clock::now();
    const auto patience = deadline - std::min(begin, deadline);
    while (!error) {
        const std::size_t got = co_await output.async_read_some(
            asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        text.append(buffer.data(), got);
        take_lines(text, name, log, run);
        if (got == 0 || children.has_ended(*pid)) continue; // what it left running is not waited for
        deadline = std::max(deadline, std::min(Clock::now() + patience, begin + longest_run));
        at_deadline.postpone(deadline);
    }
    text += '\n';
    take_lines(text, name, log, run);
    const auto status = co_await children.wait(*pid, deadline);
    if (!status) co_return fail(program.path, "took too long and was ended", {}, "MPX-SYS-03");
    if (*status == exit_not_started && run.last_lines.empty())
        co_return fail(program.path, "cannot be executed",
                       "is it for this machine, with its libraries in the image?", "MPX-SYS-02");
    run.status = *status;
    co_return run;
}

} // namespace mkpxerd::netboot
