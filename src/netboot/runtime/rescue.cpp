// SPDX-License-Identifier: MIT
// The end of a failed boot, or the way back into it.
#include "mkpxerd/netboot/runtime/rescue.hpp"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/key_watch.hpp"
#include "mkpxerd/netboot/runtime/program.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int countdown_step = 10; // seconds between two lines
constexpr auto longest_wait = std::chrono::hours(24);

const std::vector<std::string>& shell_environment() {
    static const std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                                                         "TERM=linux", "PS1=mkpxerd:\\w\\$ "};
    return environment;
}

// In the child: takes the console as its terminal, and becomes the program.
int become_shell(const System& system, const std::string& console, const Program& program) {
    int terminal = ::open(system.host(console).c_str(), O_RDWR);
    if (terminal < 0) terminal = ::open("/dev/null", O_RDWR);
    ::ioctl(terminal, TIOCSCTTY, 1);
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(terminal, number);
    return execute_program(system, program);
}

} // namespace

Rescue::Rescue(asio::io_context& io, System& system, ConsoleLog& log, Children& children, RescuePace pace)
    : io_(io), system_(system), log_(log), children_(children), pace_(pace) {}

std::optional<Program> Rescue::find_shell() const {
    const auto is_there = [&](const char* path) { return ::access(system_.host(path).c_str(), X_OK) == 0; };
    for (const char* shell : {"/bin/sh", "/usr/bin/sh"})
        if (is_there(shell)) return Program{shell, {}, shell_environment()};
    // Only busybox: it creates the links of its commands itself.
    for (const char* busybox : {"/bin/busybox", "/usr/bin/busybox"})
        if (is_there(busybox))
            return Program{busybox,
                           {"sh", "-c", fmt::format("{0} --install -s /bin; exec {0} sh", busybox)},
                           shell_environment()};
    return std::nullopt;
}

asio::awaitable<bool> Rescue::run_shell(const std::string& console) {
    const auto shell = find_shell();
    if (!shell) co_return false;
    log_.raw("\n`exit` continues the boot, `reboot -f` restarts the machine.\n");
    const auto pid = children_.start([&] { return become_shell(system_, console, *shell); });
    if (!pid) co_return false;
    const auto begin = Clock::now();
    const auto status = co_await children_.wait(*pid, Deadline::max());
    const bool short_visit = Clock::now() - begin < pace_.shortest_visit;
    // A shell ends with the status of its last command, which may be this one.
    if (status == exit_not_started && short_visit) {
        log_.warning(fmt::format(
            "{} cannot be executed: is it for this machine, with its libraries in the image?", shell->path));
        co_return false;
    }
    if (short_visit) co_await sleep_until(io_, Clock::now() + pace_.retry_pause);
    co_return true;
}

asio::awaitable<void> Rescue::restart(Restart kind) {
    log_.step(kind == Restart::Reboot ? "restarting" : "powering off");
    if (const auto restarted = system_.restart(kind); !restarted) log_.failure(restarted.error().text());
    // There is nothing left to do, and PID 1 must not end.
    while (true)
        co_await sleep_until(io_, Clock::now() + longest_wait);
}

asio::awaitable<std::optional<std::string>> Rescue::countdown(OnFail on_fail, bool has_shell) {
    std::optional<KeyWatch> keys;
    if (has_shell) keys.emplace(io_, log_.console_paths());
    const Deadline end =
        on_fail.seconds < 0 ? Deadline::max() : Clock::now() + on_fail.seconds * pace_.second;
    while (Clock::now() < end) {
        const auto left =
            (end - Clock::now() + pace_.second - Clock::duration(1)) / pace_.second; // rounded up
        const std::string when = on_fail.seconds < 0 ? "waiting" : fmt::format("restart in {} s", left);
        log_.warning(when + (has_shell ? ", any key opens a shell" : ""));
        const Deadline next =
            on_fail.seconds < 0 ? end : std::min(end, Clock::now() + countdown_step * pace_.second);
        if (keys) {
            if (auto console = co_await keys->wait(next)) co_return console;
        } else {
            co_await sleep_until(io_, next);
        }
    }
    co_return std::nullopt;
}

asio::awaitable<void> Rescue::after_failure(OnFail on_fail) {
    const auto consoles = log_.console_paths();
    const std::string first_console = consoles.empty() ? "/dev/console" : consoles.back();
    const bool has_shell = on_fail.shell && find_shell().has_value();
    switch (on_fail.kind) {
    case OnFail::Kind::Retry:
        co_await sleep_until(io_, Clock::now() + pace_.retry_pause);
        co_return;
    case OnFail::Kind::PowerOff:
        co_await restart(Restart::PowerOff);
        co_return;
    case OnFail::Kind::Shell:
        if (has_shell && co_await run_shell(first_console)) co_return;
        break;
    case OnFail::Kind::Countdown:
        break;
    }
    const auto console = co_await countdown(on_fail, has_shell);
    if (console && co_await run_shell(*console)) co_return;
    co_await restart(Restart::Reboot);
}

} // namespace mkpxerd::netboot
