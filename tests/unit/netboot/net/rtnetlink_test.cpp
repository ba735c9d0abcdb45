// SPDX-License-Identifier: MIT
// What changes interfaces is tested in network namespaces: tests/net/test_dhcp.py.
#include "mkpxerd/netboot/net/rtnetlink.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the kernel's list of interfaces is complete: the loopback is in it") {
    auto netlink = Rtnetlink::open().value();
    const auto links = netlink.links();
    REQUIRE(links);
    CHECK(std::any_of(links->begin(), links->end(), [](const Link& link) { return link.name == "lo"; }));
}

TEST_CASE("a dump that the kernel refuses is an error, not a list that ends early") {
    UniqueFd lowest(::dup(STDERR_FILENO)); // the number that the next socket gets
    const int number = lowest.get();
    lowest.reset();
    auto netlink = Rtnetlink::open().value();
    REQUIRE(netlink.links());
    // A strict kernel wants the whole header of an interface in the question (netlink(7)).
    const int strict = 1;
    REQUIRE(::setsockopt(number, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict) == 0);
    for (int again = 0; again < 2; ++again) { // the end was read: it is not the answer to the next question
        const auto links = netlink.links();
        REQUIRE_FALSE(links);
        CHECK(links.error().text() ==
              "rtnetlink: the kernel refused a dump: " + std::generic_category().message(EINVAL));
    }
}
