// SPDX-License-Identifier: MIT
// The init's log. Every line goes to all active consoles and to /dev/kmsg, with the time since start. Beside
// the lines, the log keeps the times of what happened: whoever tells people of a step also tells the
// timeline.
#pragma once

#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/log_subjects.hpp"
#include "mkpxerd/netboot/runtime/timeline.hpp"

namespace mkpxerd::netboot {

enum class LogLevel {
    Detail,  // those that debug_init asks for (always in /dev/kmsg)
    Step,    // one line per step; hidden on consoles by `quiet`
    Warning, // always shown
    Failure, // always shown
};

// Severity by RFC 5424, table 2, which /dev/kmsg and syslog servers share.
constexpr unsigned severity(LogLevel level) {
    switch (level) {
    case LogLevel::Failure:
        return 3;
    case LogLevel::Warning:
        return 4;
    case LogLevel::Step:
        return 6;
    case LogLevel::Detail:
        break;
    }
    return 7;
}

class Log {
  public:
    virtual ~Log() = default;
    // text is one line without prefix and newline. Never blocks for long, never fails.
    virtual void line(LogLevel level, std::string_view text) = 0; // of a level other than Detail
    virtual void detail(LogSubject subject, std::string_view text) = 0;

    void step(std::string_view text) { line(LogLevel::Step, text); }
    void warning(std::string_view text) { line(LogLevel::Warning, text); }
    // The boot continues in spite of these problems: one line each, with its code.
    void warning(const Error& error) {
        for (const Problem& problem : error.problems())
            warning(coded_text(problem));
    }
    void warning(std::string_view what, const Error& error) {
        for (const Problem& problem : error.problems())
            warning(std::string(what) + ": " + coded_text(problem));
    }
    void failure(std::string_view text) { line(LogLevel::Failure, text); }

    Timeline& timeline() { return timeline_; }

  private:
    Timeline timeline_;
};

} // namespace mkpxerd::netboot
