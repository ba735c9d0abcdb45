// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/reach.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a needed host may name its port") {
    CHECK(parse_host_port("10.0.0.1") == HostPort{"10.0.0.1", 80});
    CHECK(parse_host_port("boot.example:2049") == HostPort{"boot.example", 2049});
    CHECK(parse_host_port("[fd00::1]:8080") == HostPort{"fd00::1", 8080});
    CHECK(parse_host_port("[fd00::1]") == HostPort{"fd00::1", 80});
    CHECK(parse_host_port("fd00::1") == HostPort{"fd00::1", 80});
    CHECK(parse_host_port("host:0") == HostPort{"host:0", 80});
}
