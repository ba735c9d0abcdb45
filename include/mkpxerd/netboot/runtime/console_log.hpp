// SPDX-License-Identifier: MIT
// Log on all active consoles and in /dev/kmsg. A console line is "[    1.234] mkpxerd: text", with the time
// of the kernel's own messages. A dead or stuck console is given up, never waited for.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

class ConsoleLog final : public Log {
  public:
    struct Line {
        std::chrono::milliseconds uptime;
        LogLevel level;
        std::string text;     // without secrets
        LogSubject subject{}; // of a detail
    };

    // The directory that stands for "/": the machine's own, or a test's.
    explicit ConsoleLog(std::filesystem::path root = "/") : root_(std::move(root)) {}

    // Opens /dev/kmsg and the consoles that the kernel lists as active, and writes the earlier lines. Call it
    // once /dev and /sys are mounted.
    void open();
    // quiet hides steps, unless every detail is asked for.
    void set_verbosity(bool quiet, LogSubjects details);
    // Gets every line from now on; used for syslog.
    void set_listener(std::function<void(const Line&)> listener) { listener_ = std::move(listener); }

    void line(LogLevel level, std::string_view text) override { keep(level, {}, text); }
    void detail(LogSubject subject, std::string_view text) override { keep(LogLevel::Detail, subject, text); }
    // Prompts: straight to the consoles, without prefix, not kept.
    void raw(std::string_view text);

    const std::deque<Line>& lines() const { return lines_; }
    // Does this console ("hvc0") get the lines? Opens it first, with the earlier lines, if it has appeared.
    bool reaches(std::string_view console);
    // Paths of the working consoles, for reading keys.
    std::vector<std::string> console_paths() const;

  private:
    struct Console {
        std::string path;
        UniqueFd fd;
        unsigned timeouts = 0;
    };
    void find_consoles(std::size_t earlier_lines); // consoles can appear with their drivers
    void keep(LogLevel level, LogSubject subject, std::string_view text);
    bool is_shown(const Line& line) const;
    UniqueFd open_console(std::string_view path) const; // none when it is dead
    void write_console(Console& console, std::string_view bytes);
    void write_kmsg(const Line& line);
    void show(const Line& line);

    std::filesystem::path root_;
    std::vector<Console> consoles_;
    std::optional<std::string> active_; // what the kernel listed when they were opened
    unsigned opens_left_ = 0;           // remaining attempts to open the others
    UniqueFd kmsg_;
    int kernel_console_level_ = 7;
    bool open_ = false;
    bool quiet_ = false;
    LogSubjects details_;
    std::deque<Line> lines_;
    std::function<void(const Line&)> listener_;
};

// CLOCK_BOOTTIME, as in the kernel's messages.
std::chrono::milliseconds uptime();

} // namespace mkpxerd::netboot
