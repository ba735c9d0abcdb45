// SPDX-License-Identifier: MIT
// The pause before the next attempt: doubled each time, capped, and jittered, so that machines that start
// together do not ask together.
#pragma once

#include <chrono>
#include <cstdint>

namespace mkpxerd::netboot {

// Not for secrets: it never waits for the kernel's entropy, which comes late on a freshly started machine.
std::uint32_t random_number();

class Backoff {
  public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap)
        : first_(first), cap_(cap), next_(first) {}
    // The next delay, between 80 % and 120 % of its nominal value.
    std::chrono::milliseconds next();
    void reset() { next_ = first_; }

  private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds cap_;
    std::chrono::milliseconds next_;
};

} // namespace mkpxerd::netboot
