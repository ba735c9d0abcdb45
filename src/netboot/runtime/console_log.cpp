// SPDX-License-Identifier: MIT
// Writing to consoles without ever waiting on one for long.
#include "mkpxerd/netboot/runtime/console_log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/redact.hpp"

namespace mkpxerd::netboot {
namespace {

// At 9600 baud a full line takes 0.1 s; a console that takes longer than this is stuck.
constexpr int console_patience_ms = 200;
// After this many stuck writes in a row, the log no longer waits for a console.
constexpr unsigned max_timeouts = 3;
constexpr unsigned max_refusals = 20;
constexpr unsigned refusal_pause_us = 10'000;
// The kernel lists a console a moment before it can be opened (virtio_console.c: hvc_alloc(), then
// list_add_tail()), so the next lines try again.
constexpr unsigned max_opens = 8;
constexpr std::size_t kept_lines = 2000;
// At 9600 baud a line takes up to 0.1 s, during which the boot waits.
constexpr std::size_t repeated_lines = 100;

std::string console_text(const ConsoleLog::Line& line) {
    return fmt::format("[{:5}.{:03}] mkpxerd: {}\n", line.uptime.count() / 1000, line.uptime.count() % 1000,
                       line.text);
}

} // namespace

std::chrono::milliseconds uptime() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::milliseconds(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000);
}

void ConsoleLog::open() {
    consoles_.clear();
    // By default the kernel drops all but a few lines of a busy writer.
    (void)write_file(root_ / "proc/sys/kernel/printk_devkmsg", "on\n");
    if (const auto levels = read_file(root_ / "proc/sys/kernel/printk"))
        kernel_console_level_ = std::atoi(levels->c_str());
    kmsg_.reset(::open((root_ / "dev/kmsg").c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));

    active_.reset();
    find_consoles(0);
    open_ = true;
    for (const Line& line : lines_)
        show(line);
}

// A new console gets the last of the earlier lines.
void ConsoleLog::find_consoles(std::size_t earlier_lines) {
    const std::string active = read_file(root_ / "sys/class/tty/console/active").value_or("");
    if (active_ != active) opens_left_ = max_opens;
    if (opens_left_ == 0) return;
    --opens_left_;
    active_ = active;
    std::vector<std::string> paths;
    for (const auto name : split_words(active))
        paths.push_back(fmt::format("/dev/{}", name));
    if (paths.empty()) paths.emplace_back("/dev/console");
    std::erase_if(consoles_,
                  [&](const Console& known) { return std::ranges::find(paths, known.path) == paths.end(); });
    bool all_open = true;
    for (std::string& path : paths) {
        if (std::ranges::find(consoles_, path, &Console::path) != consoles_.end()) continue;
        Console console{path, open_console(path), 0};
        if (!console.fd) {
            all_open = false;
            continue;
        }
        for (std::size_t i = earlier_lines - std::min(earlier_lines, repeated_lines); i < earlier_lines; ++i)
            if (is_shown(lines_[i])) write_console(console, console_text(lines_[i]));
        consoles_.push_back(std::move(console));
    }
    if (all_open) opens_left_ = 0;
}

UniqueFd ConsoleLog::open_console(std::string_view path) const {
    const auto file = root_ / path.substr(1);
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    // A missing UART can be opened, and gives EIO when used.
    if (fd && ::write(fd.get(), "", 0) < 0 && errno == EIO) fd.reset();
    return fd;
}

void ConsoleLog::set_verbosity(bool quiet, LogSubjects details) {
    quiet_ = quiet && details != LogSubjects::all();
    details_ = details;
}

void ConsoleLog::keep(LogLevel level, LogSubject subject, std::string_view text) {
    // Names in archives, texts of servers and output of programs may contain terminal controls.
    std::string said = redact(text);
    std::replace(said.begin(), said.end(), '\t', ' ');
    lines_.push_back({uptime(), level, printable(said), subject});
    if (lines_.size() > kept_lines) lines_.pop_front();
    if (open_) show(lines_.back());
    if (listener_) listener_(lines_.back());
}

bool ConsoleLog::is_shown(const Line& line) const {
    if (line.level == LogLevel::Detail) return details_.contains(line.subject);
    return line.level != LogLevel::Step || !quiet_;
}

void ConsoleLog::show(const Line& line) {
    write_kmsg(line);
    find_consoles(lines_.size() - 1); // the newest goes to all consoles anyway
    if (!is_shown(line)) return;
    const std::string text = console_text(line);
    for (Console& console : consoles_)
        write_console(console, text);
}

void ConsoleLog::raw(std::string_view text) {
    for (Console& console : consoles_)
        write_console(console, text);
}

void ConsoleLog::write_kmsg(const Line& line) {
    if (!kmsg_) return;
    // The kernel prints records above its console level on the consoles, which have this line already.
    const int level =
        std::clamp(std::max(static_cast<int>(severity(line.level)), kernel_console_level_), 0, 7);
    const std::string record = fmt::format("<{}>mkpxerd: {}\n", level, line.text);
    (void)!::write(kmsg_.get(), record.data(), record.size());
}

void ConsoleLog::write_console(Console& console, std::string_view bytes) {
    bool reopened = false;
    unsigned refusals = 0; // in a row: EAGAIN although poll() reported room
    while (!bytes.empty() && console.fd) {
        const ssize_t put = ::write(console.fd.get(), bytes.data(), bytes.size());
        if (put > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
            console.timeouts = 0;
            refusals = 0;
            continue;
        }
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EIO && !reopened) {
            // The end of a shell hangs up its terminal for every open descriptor (tty_vhangup_session()).
            reopened = true;
            console.fd = open_console(console.path);
            continue;
        }
        if (put < 0 && errno != EAGAIN) {
            console.fd.reset();
            return;
        }
        if (console.timeouts >= max_timeouts) return;
        pollfd wait{console.fd.get(), POLLOUT, 0};
        if (::poll(&wait, 1, console_patience_ms) == 0) {
            ++console.timeouts;
        } else if (++refusals > max_refusals) {
            // An hvc with one byte of room reports POLLOUT, but accepts nothing.
            ++console.timeouts;
            return;
        } else {
            ::usleep(refusal_pause_us);
        }
    }
}

bool ConsoleLog::reaches(std::string_view console) {
    opens_left_ = std::max(opens_left_, 1U);
    find_consoles(lines_.size());
    return std::ranges::find(consoles_, fmt::format("/dev/{}", console), &Console::path) != consoles_.end();
}

std::vector<std::string> ConsoleLog::console_paths() const {
    std::vector<std::string> paths;
    for (const Console& console : consoles_)
        if (console.fd) paths.push_back(console.path);
    return paths;
}

} // namespace mkpxerd::netboot
