// SPDX-License-Identifier: MIT
// Decides when a PID 1 without a sign of life has failed, and what to print until then. Pure: the caller
// passes the time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// The times of the watching process, counted since the last sign of life.
struct WatchRules {
    std::chrono::milliseconds patience{20'000}; // before the first line, and between two lines
    std::chrono::milliseconds limit{180'000};   // before PID 1 has failed
    OnFail on_fail;                             // whether the machine restarts then, and after how long
    std::chrono::milliseconds look{1'000};      // between two checks of PID 1's progress
};

class StallWatch {
  public:
    StallWatch(WatchRules rules, Clock::time_point now);

    void enter(std::string_view stage) { stage_ = stage; }
    // A sign of life. Returns a line to print if the silence before it was reported.
    std::optional<std::string> live(Clock::time_point now);
    // No sign of life so far. Returns the lines that are due: the failure, once, and where PID 1 hangs, after
    // each patience. place: where in the kernel it waits; empty: unknown.
    std::vector<std::string> silent(Clock::time_point now, std::string_view place);
    // PID 1 has failed and the countdown is over: the machine must restart or power off.
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
