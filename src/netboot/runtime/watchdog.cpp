// SPDX-License-Identifier: MIT
// The child keeps only its end of the pipe open, and waits for that pipe and the time only.
#include "mkpxerd/netboot/runtime/watchdog.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto between_beats = 1s;

// What PID 1 has used so far, according to proc(5).
struct Usage {
    std::uint64_t ticks = 0; // of processor time: utime and stime of stat
    std::string transferred; // the bytes that it has read and written; not every kernel counts them
};

// utime and stime are the 12th and 13th word after the name in parentheses. nullopt: they cannot be read.
std::optional<Usage> usage_of_init(const System& system) {
    const std::string stat = read_file(system.host("/proc/1/stat")).value_or("");
    const std::string_view fields = std::string_view(stat).substr(std::min(stat.rfind(')') + 1, stat.size()));
    const auto words = split_words(fields);
    if (words.size() < 13) return std::nullopt;
    return Usage{parse_number(words[11]).value_or(0) + parse_number(words[12]).value_or(0),
                 read_file(system.host("/proc/1/io")).value_or("")};
}

// A call that never ends uses a tick now and then, such as NFS when it repeats a lost call; real work uses
// many.
bool is_sign_of_life(const Usage& before, const Usage& now) {
    static const auto quarter_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)) / 4;
    return now.transferred != before.transferred || now.ticks - before.ticks >= quarter_second;
}

// The kernel prints critical messages on all its consoles.
void say(const System& system, std::string_view text) {
    const UniqueFd kmsg(
        ::open(system.host("/dev/kmsg").c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
    const std::string record = fmt::format("<2>mkpxerd: {}\n", printable(text));
    if (kmsg) (void)!::write(kmsg.get(), record.data(), record.size());
}

// Where in the kernel PID 1 hangs, if the kernel shows it.
std::string blocked_in(const System& system) {
    const std::string place = read_file(system.host("/proc/1/wchan")).value_or("");
    return place == "0" ? "" : place;
}

void keep_only(int& pipe) {
    pipe = ::dup2(pipe, STDERR_FILENO + 1);
    (void)::syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0); // Linux 5.9; before, they stay open
}

} // namespace

int run_watchdog(System& system, int pipe, const WatchRules& rules) {
    StallWatch watch(rules, Clock::now());
    auto progress = usage_of_init(system); // nothing where there is no /proc
    const auto live = [&] {
        if (const auto line = watch.live(Clock::now())) say(system, *line);
    };
    while (true) {
        pollfd end{pipe, POLLIN, 0};
        if (::poll(&end, 1, static_cast<int>(rules.look.count())) < 0 && errno != EINTR) return 1;
        if (end.revents != 0) {
            std::array<char, 512> buffer{};
            const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return 0; // the hand-over
            for (const auto line :
                 split_lines(std::string_view(buffer.data(), static_cast<std::size_t>(got))))
                if (!line.empty()) watch.enter(line);
            if (auto now = usage_of_init(system)) progress = std::move(now);
            live();
            continue;
        }
        auto now = usage_of_init(system);
        if (progress && !now) return 0; // /proc has moved to the new root
        if (now && (!progress || is_sign_of_life(*progress, *now))) {
            progress = std::move(now);
            live();
            continue;
        }
        for (const std::string& line : watch.silent(Clock::now(), blocked_in(system)))
            say(system, line);
        if (!watch.is_over(Clock::now())) continue;
        (void)system.restart(rules.on_fail.kind == OnFail::Kind::PowerOff ? Restart::PowerOff
                                                                          : Restart::Reboot);
        return 1;
    }
}

Result<void> Watchdog::start(const WatchRules& rules) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail_errno("watchdog", "cannot create a pipe", errno);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    MKPXERD_TRY(system_.start_process([&] {
        write_end.reset(); // so that the pipe can end
        int pipe = read_end.get();
        keep_only(pipe);
        return run_watchdog(system_, pipe, rules);
    }));
    pipe_ = std::move(write_end);
    return {};
}

void Watchdog::enter(std::string_view stage) {
    const std::string line = fmt::format("{}\n", stage);
    if (pipe_) (void)!::write(pipe_.get(), line.data(), line.size());
}

boost::asio::awaitable<void> Watchdog::beat() {
    while (true) {
        enter("");
        co_await sleep_until(io_, Clock::now() + between_beats);
    }
}

} // namespace mkpxerd::netboot
