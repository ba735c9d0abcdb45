// SPDX-License-Identifier: MIT
// When a PID 1 that gives no sign of life has failed, and what is said of it until then. Pure: it is told the
// time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// What the watching process is to do, in units of time without a sign of life.
struct WatchRules {
    std::chrono::milliseconds patience{20'000}; // before it says so, and between two lines
    std::chrono::milliseconds limit{180'000};   // before PID 1 has failed
    OnFail on_fail;                             // whether the machine is restarted then, and after how long
    std::chrono::milliseconds look{1'000};      // between two looks at the progress of PID 1
};

class StallWatch {
  public:
    StallWatch(WatchRules rules, Clock::time_point now);

    void enter(std::string_view stage) { stage_ = stage; }
    // A sign of life. The line to be said, when the silence before it was told.
    std::optional<std::string> live(Clock::time_point now);
    // No sign of life up to now. The lines for which it is time: the failure, once, and where PID 1 hangs,
    // after each patience. place: where in the kernel it waits; empty: not known.
    std::vector<std::string> silent(Clock::time_point now, std::string_view place);
    // The machine is to be restarted, or powered off: it has failed, and the countdown is over.
    bool is_over(Clock::time_point now) const;

  private:
    bool powers_off() const { return rules_.on_fail.kind == OnFail::Kind::PowerOff; }
    bool restarts() const;
    std::chrono::seconds countdown() const;

    WatchRules rules_;
    std::string stage_;
    Clock::time_point alive_;
    Clock::time_point next_line_;
    bool failed_ = false;
};

} // namespace mkpxerd::netboot
