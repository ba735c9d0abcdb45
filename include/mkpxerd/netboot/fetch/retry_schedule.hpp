// SPDX-License-Identifier: MIT
// After an attempt that failed: whether another one follows, and when. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "mkpxerd/netboot/fetch/transfer.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"

namespace mkpxerd::netboot {

class RetrySchedule {
  public:
    explicit RetrySchedule(Deadline deadline);
    // end: AttemptEnd::Kind::Again. progressed: the attempt received bytes of the object. The pause before
    // the next attempt; nullopt: give up.
    std::optional<std::chrono::milliseconds> pause_after(const AttemptEnd& end, bool progressed,
                                                         Clock::time_point now);

  private:
    Deadline deadline_;
    Backoff backoff_;
    unsigned denials_ = 0; // in a row, by DNS
};

} // namespace mkpxerd::netboot
