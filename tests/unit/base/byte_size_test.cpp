// SPDX-License-Identifier: MIT
#include "mkpxerd/base/byte_size.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("sizes are bytes, or have a unit of powers of 1024") {
    CHECK(parse_size("0") == 0U);
    CHECK(parse_size("1000") == 1000U);
    CHECK(parse_size("512K") == 512U << 10);
    CHECK(parse_size("20M") == 20U << 20);
    CHECK(parse_size("1024G") == std::uint64_t{1} << 40);
    for (const char* wrong : {"", "M", "-1", "20m", "20 M", "20MB", "1025G", "99999999999999999999"})
        CHECK_FALSE(parse_size(wrong));
}
