// SPDX-License-Identifier: MIT
// How a lease is kept: tests/net/test_dhcp.py, against servers. Here, what a renewal is said to change.
#include "mkpxerd/netboot/net/lease_keeper.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("what a renewal changes is named, and nothing else") {
    NetworkState before;
    before.interface = "eth0";
    before.prefix = 24;
    before.gateway = Ipv4Address::parse("10.0.0.1");
    before.dns = {*Ipv4Address::parse("10.0.0.2")};
    before.dynamic = true;
    before.lease_seconds = 600;
    NetworkState now = before;
    now.lease_seconds = 300;
    now.dhcp_server = *Ipv4Address::parse("10.0.0.9");
    CHECK(changes_text(before, now).empty());
    now.prefix = 25;
    now.gateway.reset();
    now.routes = {{*Ipv4Address::parse("10.7.0.0"), 16, std::nullopt}};
    now.mtu = 1400;
    now.dns = {*Ipv4Address::parse("10.0.0.3"), *Ipv4Address::parse("10.0.0.4")};
    now.ntp = now.dns;
    now.domain = "lab";
    now.hostname = "box";
    CHECK(changes_text(before, now) ==
          "mask /25, gateway none, 1 classless routes, MTU 1400, DNS 10.0.0.3 10.0.0.4, "
          "NTP 10.0.0.3 10.0.0.4, domain lab, host name box");
    CHECK(changes_text(now, before).find("DNS 10.0.0.2") != std::string::npos);
}
