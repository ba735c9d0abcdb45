// SPDX-License-Identifier: MIT
// What changes interfaces is tested in network namespaces: tests/net/test_dhcp.py.
#include "mkpxerd/netboot/net/rtnetlink.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the kernel's list of interfaces is complete: the loopback is in it") {
    auto netlink = Rtnetlink::open().value();
    const auto links = netlink.links();
    REQUIRE(links);
    CHECK(std::any_of(links->begin(), links->end(), [](const Link& link) { return link.name == "lo"; }));
}
