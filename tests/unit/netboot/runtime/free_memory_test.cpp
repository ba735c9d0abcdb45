// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/free_memory.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace mkpxerd::netboot;

TEST_CASE("free memory is what is available beyond the spared bytes, and never less than nothing") {
    const std::uint64_t all = free_memory(0);
    CHECK(all > 1 << 20);
    CHECK(all < std::uint64_t{1} << 50); // bytes of this machine, not the absence of a limit
    CHECK(free_memory(std::numeric_limits<std::uint64_t>::max()) == 0);
    CHECK(free_memory(std::uint64_t{1} << 50) == 0);
}
