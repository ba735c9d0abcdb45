// SPDX-License-Identifier: MIT
// A file of its own: tests link another definition (tests/support/fake_clock.cpp).
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

Clock::time_point Clock::now() noexcept {
    return std::chrono::steady_clock::now();
}

} // namespace mkpxerd::netboot
