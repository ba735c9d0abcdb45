// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/lease.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a lease says when it is to be renewed, or goes by halves and eighths") {
    const auto times = [](std::uint32_t lease, std::uint32_t renew, std::uint32_t rebind) {
        DhcpReply reply;
        reply.lease_seconds = lease;
        reply.renew_seconds = renew;
        reply.rebind_seconds = rebind;
        return lease_times(reply);
    };
    const auto expected = [](int renew, int rebind, int end) {
        using std::chrono::seconds;
        return LeaseTimes{seconds(renew), seconds(rebind), seconds(end)};
    };
    CHECK(times(800, 0, 0) == expected(400, 700, 800));
    CHECK(times(800, 100, 200) == expected(100, 200, 800));
    CHECK(times(800, 100, 0) == expected(100, 700, 800));
    CHECK(times(800, 0, 500) == expected(400, 500, 800));
    CHECK(times(800, 300, 200) == expected(400, 700, 800)); // out of order
    CHECK(times(800, 100, 800) == expected(400, 700, 800));
    CHECK_FALSE(times(0, 100, 200));
    CHECK_FALSE(times(0xffffffff, 100, 200));
    CHECK(times(0xfffffffe, 0, 0)->end == std::chrono::seconds(0xfffffffe));
}

TEST_CASE("a lease gives the first router, unless classless routes replace it") {
    const auto ip = [](std::string_view text) { return Ipv4Address::parse(text).value(); };
    DhcpReply reply;
    reply.address = ip("10.0.0.55");
    reply.source = ip("10.0.0.9");
    reply.gateways = {ip("10.0.0.1"), ip("10.0.0.2")};
    const NetworkState plain = lease_state(reply);
    CHECK(plain.gateway == ip("10.0.0.1"));
    CHECK(plain.dhcp_server == ip("10.0.0.9")); // the sender, as the reply names no server
    CHECK(plain.dynamic);
    const Route second_default{ip("0.0.0.0"), 0, ip("10.0.0.4")};
    reply.routes = {{ip("0.0.0.0"), 0, ip("10.0.0.3")}, second_default};
    const NetworkState routed = lease_state(reply);
    CHECK(routed.gateway == ip("10.0.0.3"));
    CHECK(routed.routes == std::vector{second_default});
    reply.routes = std::vector<Route>{};
    CHECK_FALSE(lease_state(reply).gateway);
}
