// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/interface_setup.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/netboot/net/network_plan.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

Link eth0() {
    Link link;
    link.index = 2;
    link.name = "eth0";
    link.mtu = 1500;
    return link;
}

Ipv4Address ip(std::string_view text) {
    return Ipv4Address::parse(text).value();
}

} // namespace

TEST_CASE("a gateway outside the subnet is marked on-link, one inside is not") {
    const NetworkState outside = static_state(parse_ip_option("95.217.0.7::172.31.1.1:32").value());
    const std::vector<RouteRequest> routes = planned_routes(outside, 1002);
    REQUIRE(routes.size() == 1);
    CHECK(routes[0].onlink);
    CHECK(routes[0].gateway == ip("172.31.1.1"));
    CHECK(routes[0].metric == 1002);
    CHECK_FALSE(planned_routes(static_state(parse_ip_option("10.0.0.5::10.0.0.1:24").value()), 0)[0].onlink);
    CHECK(planned_routes(static_state(parse_ip_option("10.0.0.5:::24").value()), 0).empty());
}

TEST_CASE("on-link routes come before the gateways that lie in them") {
    NetworkState state;
    state.address = ip("10.0.0.5");
    state.prefix = 32;
    state.gateway = ip("172.31.1.1");
    state.routes = {{ip("10.7.0.0"), 16, ip("10.0.0.1")}, {ip("172.31.1.1"), 32, std::nullopt}};
    const std::vector<RouteRequest> routes = planned_routes(state, 0);
    REQUIRE(routes.size() == 3);
    CHECK_FALSE(routes[0].gateway);
    CHECK(routes[1].onlink); // 10.0.0.1 lies in nothing that is known
    CHECK(routes[2].prefix == 0);
    CHECK_FALSE(routes[2].onlink);
}

TEST_CASE("the MTU is set once, never beyond the device") {
    Link device = eth0();
    CHECK_FALSE(planned_mtu(device, 0));
    CHECK_FALSE(planned_mtu(device, 1500));
    CHECK(planned_mtu(device, 1400) == 1400u);
    CHECK(planned_mtu(device, 9000) == 9000u); // the driver says when it cannot
    device.max_mtu = 1500;
    CHECK_FALSE(planned_mtu(device, 9000));
    device.max_mtu = 4000;
    CHECK(planned_mtu(device, 9000) == 4000u);
}
