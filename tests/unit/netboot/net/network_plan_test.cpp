// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/network_plan.hpp"

#include <catch2/catch.hpp>
#include <net/if_arp.h>

#include "failure_text.hpp"
#include "mkpxerd/contract/ip_option.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

constexpr MacAddress first_mac{{0x52, 0x54, 0, 0, 0, 1}};
constexpr MacAddress second_mac{{0x52, 0x54, 0, 0, 0, 2}};

Link make_link(const char* name, MacAddress mac, const char* kind = "") {
    Link out;
    out.index = 2;
    out.name = name;
    out.mac = mac;
    out.kind = kind;
    out.hardware = ARPHRD_ETHER;
    return out;
}

NetworkPlan plan(std::initializer_list<const char*> options, std::optional<Bootif> bootif = std::nullopt) {
    NetworkRequest request;
    for (const char* text : options)
        request.ip.push_back(parse_ip_option(text).value());
    request.bootif = bootif;
    return NetworkPlan(request);
}

Ipv4Address ip(std::string_view text) {
    return Ipv4Address::parse(text).value();
}

} // namespace

TEST_CASE("without ip= every wired interface asks by DHCP, and nothing else does") {
    const NetworkPlan all = plan({});
    CHECK(all.option_for(make_link("eth0", first_mac))->method == IpOption::Method::Dhcp);
    CHECK(all.option_for(make_link("veth0", first_mac, "veth")));
    for (const char* kind : {"bridge", "bond", "vlan", "tun", "macvlan", "wireguard", "dummy"})
        CHECK_FALSE(all.option_for(make_link("x0", first_mac, kind)));
    Link loopback = make_link("lo", {});
    loopback.hardware = ARPHRD_LOOPBACK;
    CHECK_FALSE(all.option_for(loopback));
    Link slave = make_link("eth1", second_mac);
    slave.enslaved = true;
    CHECK_FALSE(all.option_for(slave));
}

TEST_CASE("of several ip= for any interface, the last counts") {
    const auto chosen = plan({"dhcp", ":::::eth1:dhcp", "10.0.0.7::10.0.0.1:24:node7::none"});
    const auto option = chosen.option_for(make_link("eth0", first_mac)).value();
    CHECK(option.method == IpOption::Method::Static);
    CHECK(option.address == ip("10.0.0.7"));
    CHECK(option.hostname == "node7");
    CHECK(chosen.option_for(make_link("eth1", second_mac))->method == IpOption::Method::Dhcp);
}

TEST_CASE("a named interface is meant, by name, by MAC or as BOOTIF") {
    const Link first = make_link("eth0", first_mac);
    const Link second = make_link("eth1", second_mac);
    CHECK(plan({":::::eth1:dhcp"}).option_for(second));
    CHECK_FALSE(plan({":::::eth1:dhcp"}).option_for(first));
    CHECK(plan({":::::52-54-00-00-00-02:dhcp"}).option_for(second));
    CHECK_FALSE(plan({":::::52-54-00-00-00-02:dhcp"}).option_for(first));
    CHECK(plan({":::::BOOTIF:dhcp"}, second_mac).option_for(second));
    CHECK_FALSE(plan({":::::BOOTIF:dhcp"}, second_mac).option_for(first));
    // A bridge or VLAN may be named, but does not stand for a MAC address that it shares with hardware.
    CHECK(plan({":::::br0:dhcp"}).option_for(make_link("br0", first_mac, "bridge")));
    CHECK_FALSE(plan({":::::BOOTIF:dhcp"}, second_mac).option_for(make_link("eth1.7", second_mac, "vlan")));
}

TEST_CASE("a named option is stronger than a general one, and off keeps out") {
    const NetworkPlan mixed = plan({"dhcp", "10.0.0.5::10.0.0.1:24::eth1:none", ":::::eth2:off"});
    CHECK(mixed.option_for(make_link("eth0", first_mac))->method == IpOption::Method::Dhcp);
    CHECK(mixed.option_for(make_link("eth1", first_mac))->method == IpOption::Method::Static);
    CHECK_FALSE(mixed.option_for(make_link("eth2", first_mac)));
    CHECK(plan({"off"}).wants_nothing());
    CHECK_FALSE(plan({":::::eth2:off"}).wants_nothing());
    CHECK(plan({"10.0.0.5:::24::eth0:none", "eth1:dhcp"}).wants_all());
    CHECK_FALSE(mixed.wants_all());
    CHECK_FALSE(plan({"eth1:dhcp"}).wants_all());
}

TEST_CASE("the BOOTIF keeps others out until the plan is widened") {
    NetworkPlan narrow = plan({"dhcp"}, second_mac);
    CHECK(narrow.is_narrow());
    CHECK(narrow.option_for(make_link("eth1", second_mac)));
    CHECK_FALSE(narrow.option_for(make_link("eth0", first_mac)));
    CHECK(narrow.named() == std::vector<std::string>{"BOOTIF 52:54:00:00:00:02"});
    narrow.widen();
    CHECK(narrow.option_for(make_link("eth0", first_mac)));
}

TEST_CASE("an InfiniBand port is served when it is named, or is the BOOTIF") {
    constexpr PortGuid guid{{0x24, 0x8a, 0x07, 0x03, 0x00, 0xa2, 0xee, 0x2c}};
    Link port = make_link("ib0", {});
    port.hardware = ARPHRD_INFINIBAND;
    port.guid = guid;
    CHECK_FALSE(plan({}).option_for(port));
    CHECK(plan({"10.0.0.5::10.0.0.1:24::ib0:none"}).option_for(port)->method == IpOption::Method::Static);
    CHECK(plan({":::::20-24-8a-07-03-00-a2-ee-2c:dhcp"}).option_for(port));
    const NetworkPlan narrow = plan({"10.0.0.5::10.0.0.1:24"}, guid);
    CHECK(narrow.option_for(port)->address == ip("10.0.0.5"));
    CHECK_FALSE(narrow.option_for(make_link("eth0", first_mac)));
    CHECK(narrow.named() == std::vector<std::string>{"BOOTIF 24:8a:07:03:00:a2:ee:2c"});
    CHECK(plan({"10.0.0.5::10.0.0.1:24::BOOTIF:none"}, guid).option_for(port));
    port.guid.bytes[7] = 0;
    CHECK_FALSE(narrow.option_for(port));
    // Six bytes of an Ethernet card are no port's.
    port.mac = first_mac;
    CHECK_FALSE(plan({"dhcp"}, first_mac).option_for(port));
}

TEST_CASE("DHCP over InfiniBand is refused by name, an address that is given is not") {
    Link port = make_link("ib0", {});
    CHECK_FALSE(unsupported(port, IpOption{}));
    port.hardware = ARPHRD_INFINIBAND;
    const std::optional<Error> refused = unsupported(port, IpOption{});
    REQUIRE(refused);
    CHECK(refused->first().code == "MPX-NET-10");
    CHECK(refused->first().object == "ib0");
    CHECK_FALSE(unsupported(port, parse_ip_option("10.0.0.5::10.0.0.1:24::ib0:none").value()));
}

TEST_CASE("what ip= says besides the address is laid over a lease") {
    NetworkState state;
    state.dns = {ip("10.0.0.3")};
    state.hostname = "lease";
    overlay(parse_ip_option("::::box:eth0:dhcp:10.0.0.53").value(), state);
    CHECK(state.hostname == "box");
    CHECK(state.dns == std::vector{ip("10.0.0.53")});
    overlay(IpOption{}, state);
    CHECK(state.hostname == "box");
}
