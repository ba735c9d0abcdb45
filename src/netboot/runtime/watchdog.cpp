// SPDX-License-Identifier: MIT
// The child keeps nothing open but its end of the pipe, and waits for nothing but that pipe and the time.
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
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto between_beats = 1s;
constexpr int look_ms = 1000;

// How far process 1 has got, as far as the kernel tells: proc(5).
struct Progress {
    std::uint64_t ticks = 0; // of processor time: utime and stime of stat
    std::string transferred; // what its calls have read and written; a kernel may not count it
};

// utime and stime are the 12th and 13th word behind the name in brackets. Nothing: not to be read.
std::optional<Progress> progress_of_init(const System& system) {
    const std::string stat = read_file(system.host("/proc/1/stat")).value_or("");
    const std::string_view fields = std::string_view(stat).substr(std::min(stat.rfind(')') + 1, stat.size()));
    const auto words = split_words(fields);
    if (words.size() < 13) return std::nullopt;
    return Progress{parse_number(words[11]).value_or(0) + parse_number(words[12]).value_or(0),
                    read_file(system.host("/proc/1/io")).value_or("")};
}

// A call that never ends uses a tick now and then, as when NFS sends a lost call anew; work uses many.
bool is_life(const Progress& before, const Progress& now) {
    static const auto quarter_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)) / 4;
    return now.transferred != before.transferred || now.ticks - before.ticks >= quarter_second;
}

// The kernel repeats on all its consoles what is critical.
void say(const System& system, std::string_view text) {
    const UniqueFd kmsg(
        ::open(system.host("/dev/kmsg").c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
    const std::string record = fmt::format("<2>mkpxerd: {}\n", printable(text));
    if (kmsg) (void)!::write(kmsg.get(), record.data(), record.size());
}

// Where in the kernel it hangs, as far as the kernel tells.
std::string blocked_in(const System& system) {
    const std::string place = read_file(system.host("/proc/1/wchan")).value_or("");
    return place.empty() || place == "0" ? "" : fmt::format(" ({})", place);
}

bool restarts(const OnFail& on_fail) {
    return on_fail.kind == OnFail::Kind::PowerOff ||
           (on_fail.kind == OnFail::Kind::Countdown && on_fail.seconds >= 0);
}

void keep_only(int& pipe) {
    pipe = ::dup2(pipe, STDERR_FILENO + 1);
    (void)::syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0); // Linux 5.9; before, they stay open
}

} // namespace

int watch_over(System& system, int pipe, const WatchRules& rules) {
    std::string stage;
    auto progress = progress_of_init(system); // nothing where there is no /proc
    auto alive = Clock::now();
    auto next_line = alive + rules.patience;
    bool given_up = false;
    const auto sign_of_life = [&] {
        if (next_line - alive > rules.patience) say(system, fmt::format("{}: goes on", stage));
        alive = Clock::now();
        next_line = alive + rules.patience;
        given_up = false;
    };
    while (true) {
        pollfd end{pipe, POLLIN, 0};
        if (::poll(&end, 1, look_ms) < 0 && errno != EINTR) return 1;
        if (end.revents != 0) {
            std::array<char, 512> buffer{};
            const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return 0; // the hand-over
            for (const auto line :
                 split_lines(std::string_view(buffer.data(), static_cast<std::size_t>(got))))
                if (!line.empty()) stage = line;
            if (auto now = progress_of_init(system)) progress = std::move(now);
            sign_of_life();
            continue;
        }
        auto now = progress_of_init(system);
        if (progress && !now) return 0; // /proc has moved to the new root
        if (now && (!progress || is_life(*progress, *now))) {
            progress = std::move(now);
            sign_of_life();
            continue;
        }
        const auto silent = std::chrono::floor<std::chrono::seconds>(Clock::now() - alive);
        const bool off = rules.on_fail.kind == OnFail::Kind::PowerOff;
        const std::chrono::seconds countdown(off ? 0 : rules.on_fail.seconds);
        if (silent >= rules.limit && restarts(rules.on_fail) && !given_up) {
            given_up = true;
            say(system,
                fmt::format("failed {} {}: nothing has moved for {} s: {}", code_text(Failure::InitBlocked),
                            stage, silent.count(),
                            off ? "powering off" : fmt::format("restart in {} s", countdown.count())));
        }
        if (given_up && silent >= rules.limit + countdown) {
            (void)system.restart(off ? Restart::PowerOff : Restart::Reboot);
            return 1;
        }
        if (Clock::now() < next_line) continue;
        next_line += rules.patience;
        say(system, fmt::format("{} {}: blocked in the kernel for {} s{}: a server that has gone while "
                                "its files were read, or a device that does not answer",
                                code_text(Failure::InitBlocked), stage, silent.count(), blocked_in(system)));
    }
}

Result<void> Watchdog::start(const WatchRules& rules) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail_errno("watchdog", "cannot make a pipe", errno);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    MKPXERD_TRY(system_.start_process([&] {
        write_end.reset(); // or the end of the pipe would never come
        int pipe = read_end.get();
        keep_only(pipe);
        return watch_over(system_, pipe, rules);
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
