// SPDX-License-Identifier: MIT
// The time that a boot may take (mkpxerd.timeout=), as one deadline for everything that is waited for.
#pragma once

#include <chrono>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class TimeBudget {
  public:
    Deadline deadline() const { return deadline_; }
    // From now on: when the options are known, and after each failure.
    void renew(std::chrono::seconds timeout) { deadline_ = Clock::now() + timeout; }
    // What succeeded was no wait: what comes after it has as much time as there was before.
    void give_back(Clock::duration spent) {
        if (deadline_ != Deadline::max()) deadline_ += spent;
    }

  private:
    Deadline deadline_ = Deadline::max(); // until the options are known
};

} // namespace mkpxerd::netboot
