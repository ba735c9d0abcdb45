// SPDX-License-Identifier: MIT
// Delays and the random numbers for them.
#include "mkpxerd/netboot/runtime/backoff.hpp"

#include <algorithm>
#include <sys/random.h>

namespace mkpxerd::netboot {

std::uint32_t random_number() {
    std::uint32_t value = 0;
    if (::getrandom(&value, sizeof value, GRND_INSECURE) == sizeof value) return value;
    // For kernels before 5.6 without entropy: the clocks of two machines differ by more than the time to send
    // a frame.
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    return static_cast<std::uint32_t>(now) * 2654435761U;
}

std::chrono::milliseconds Backoff::next() {
    const std::chrono::milliseconds nominal = next_;
    next_ = std::min(next_ * 2, cap_);
    return nominal * (800 + random_number() % 401) / 1000;
}

} // namespace mkpxerd::netboot
