// SPDX-License-Identifier: MIT
// How long to wait before the next attempt: doubling, capped, and jittered, so that a rack that starts at
// once does not ask at once.
#pragma once

#include <chrono>
#include <cstdint>

namespace mkpxerd::netboot {

// Not for secrets: never waits for the kernel's entropy, which is late on a machine that has just started.
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
