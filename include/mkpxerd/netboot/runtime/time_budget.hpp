// SPDX-License-Identifier: MIT
// The time that a boot may take (mkpxerd.timeout=), as one deadline for network, devices and servers.
#pragma once

#include <chrono>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class TimeBudget {
  public:
    Deadline deadline() const { return deadline_; }
    // For what the boot can do without, so that it has time for the rest.
    Deadline half_way() const {
        const auto now = Clock::now();
        return now + (deadline_ - now) / 2;
    }
    // Starts the time: when the options are known, and after each failure.
    void renew(std::chrono::seconds timeout) { deadline_ = Clock::now() + timeout; }
    // Returns the time that a successful step took: the next step has as much as this one had.
    void give_back(Clock::duration spent) {
        if (deadline_ != Deadline::max()) deadline_ += spent;
    }

  private:
    Deadline deadline_ = Deadline::max(); // until the options are known
};

} // namespace mkpxerd::netboot
