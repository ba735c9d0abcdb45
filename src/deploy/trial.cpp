// SPDX-License-Identifier: MIT
// One loop waits for everything: the machine's console, the connections of its downloads, the clock.
#include "mkpxerd/deploy/trial.hpp"

#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/child_process.hpp"
#include "mkpxerd/deploy/loopback_server.hpp"
#include "mkpxerd/deploy/tar_writer.hpp"

namespace mkpxerd::deploy {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// How long to continue reading after a verdict: hints follow a failure, and a failure may follow a hand-over.
constexpr auto after_failure = 500ms;
constexpr auto after_handover = 2s;
constexpr std::size_t longest_script = std::size_t{1} << 20;
constexpr std::string_view arrival_root = "/arrival.tar";
constexpr std::string_view arrival_mark = "mkpxerd: arrived";

// A root file system of one program.
Result<std::string> make_arrival_root(const std::filesystem::path& program) {
    std::string bytes;
    TarWriter tar(
        [&](std::span<const std::byte> piece) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        },
        0);
    for (const char* directory : {"dev", "proc", "run", "sbin", "sys", "tmp"})
        MKPXERD_TRY(tar.add_directory(directory));
    MKPXERD_TRY(tar.add_file("sbin/init", program, 0755));
    MKPXERD_TRY(tar.finish());
    return bytes;
}

class Trial {
  public:
    Trial(const TrialRequest& request, const std::function<void(std::string_view)>& line,
          LoopbackServer server)
        : request_(request), line_(line), server_(std::move(server)),
          watch_(expects_arrival() ? std::string(arrival_mark) : request.expected) {}

    Result<Verdict> run(const EmulatorParts& parts);

  private:
    bool expects_arrival() const {
        return !request_.options && !request_.image.empty() && request_.expected.empty();
    }
    Result<std::string> prepare_server(const std::string& address);
    // Returns after a verdict, the end of the machine, or the timeout.
    void listen(int console, Clock::time_point deadline);
    // false: the machine has ended.
    bool read_console(int console);

    const TrialRequest& request_;
    const std::function<void(std::string_view)>& line_;
    LoopbackServer server_;
    ConsoleWatch watch_;
    bool ended_ = false;
};

// Returns the kernel's command line.
Result<std::string> Trial::prepare_server(const std::string& address) {
    const bool is_bundle = request_.image.empty();
    const std::string options = trial_options(
        request_,
        is_bundle ? read_regular(request_.bundle / "boot.ipxe", longest_script).value_or("") : std::string());
    if (is_bundle) {
        // The path goes into the script, not into QEMU's command line, which every user can see.
        MKPXERD_TRY_ASSIGN(const std::string path, server_.serve_directory(request_.bundle));
        server_.add(trial_script_name, trial_script(address + path, options));
        return options;
    }
    if (request_.options) return options;
    MKPXERD_TRY_ASSIGN(std::string root, make_arrival_root(request_.arrival));
    server_.add(std::string(arrival_root), std::move(root));
    // The served root is not the one that the image pins.
    return fmt::format("{}ip=dhcp root={}{} panic=1 mkpxerd.optional=apkovl,modloop", options, address,
                       arrival_root);
}

Result<Verdict> Trial::run(const EmulatorParts& parts) {
    // User networking: the machine meets this one's loopback at 10.0.2.2.
    const std::string address = fmt::format("http://10.0.2.2:{}", server_.port());
    MKPXERD_TRY_ASSIGN(const std::string command_line, prepare_server(address));
    MKPXERD_TRY_ASSIGN(Pipe pipe, Pipe::open());
    MKPXERD_TRY_ASSIGN(ChildProcess machine,
                       ChildProcess::start(emulator_command(parts, request_, address, command_line),
                                           UniqueFd(), std::move(pipe.write)));
    listen(pipe.read.get(), Clock::now() + std::chrono::seconds(request_.timeout));
    if (!watch_.rest().empty()) line_(watch_.rest());
    if (watch_.verdict()) return *watch_.verdict();
    if (ended_)
        return fail("the machine",
                    fmt::format("ended before its boot had a result (QEMU: {})", machine.wait()));
    return fail("the machine", fmt::format("has not booted after {} s", request_.timeout),
                "--timeout gives it more time");
}

void Trial::listen(int console, Clock::time_point deadline) {
    bool heard = false;
    while (!ended_) {
        if (watch_.verdict() && !heard) {
            heard = true;
            const bool handed_over = watch_.verdict()->kind == Verdict::Kind::HandedOver;
            deadline = std::min(deadline, Clock::now() + (handed_over ? after_handover : after_failure));
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left <= 0ms) return;
        std::vector<pollfd> wanted = server_.wanted();
        wanted.push_back({console, POLLIN, 0});
        if (::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()) + 1) < 0 && errno != EINTR)
            return;
        if (wanted.back().revents != 0) ended_ = !read_console(console);
        server_.work(std::span(wanted).first(wanted.size() - 1));
    }
}

bool Trial::read_console(int console) {
    char bytes[4096];
    const ssize_t count = ::read(console, bytes, sizeof bytes);
    if (count < 0) return errno == EINTR;
    for (const std::string& line : watch_.feed({bytes, static_cast<std::size_t>(count)}))
        line_(line);
    return count > 0;
}

} // namespace

Result<Verdict> run_trial(const TrialRequest& request, const std::function<void(std::string_view)>& line) {
    MKPXERD_TRY_ASSIGN(const EmulatorParts parts, find_emulator(request.uefi));
    MKPXERD_TRY_ASSIGN(LoopbackServer server, LoopbackServer::open());
    return Trial(request, line, std::move(server)).run(parts);
}

} // namespace mkpxerd::deploy
