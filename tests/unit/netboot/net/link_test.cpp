// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/link.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void append(Bytes& out, const T& value) {
    const std::size_t at = out.size();
    out.resize(at + NLMSG_ALIGN(sizeof value));
    std::memcpy(out.data() + at, &value, sizeof value);
}

Bytes attribute(unsigned type, std::string_view value) {
    Bytes out;
    rtattr header{};
    header.rta_len = static_cast<unsigned short>(RTA_LENGTH(value.size()));
    header.rta_type = static_cast<unsigned short>(type);
    append(out, header);
    out.resize(RTA_SPACE(value.size()));
    std::memcpy(out.data() + RTA_LENGTH(0), value.data(), value.size());
    return out;
}

Bytes attribute(unsigned type, std::uint32_t number) {
    return attribute(type, std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
}

std::string_view text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A link message as the kernel writes it.
Bytes link_message(unsigned short type, int index, unsigned short hardware, unsigned flags,
                   std::initializer_list<Bytes> attributes) {
    Bytes out;
    append(out, nlmsghdr{0, type, 0, 0, 0});
    append(out, ifinfomsg{AF_UNSPEC, 0, hardware, index, flags, 0});
    for (const Bytes& each : attributes)
        out.insert(out.end(), each.begin(), each.end());
    const auto length = static_cast<std::uint32_t>(out.size());
    std::memcpy(out.data(), &length, sizeof length);
    return out;
}

Bytes operator+(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

constexpr std::string_view mac_bytes("\x52\x54\0\x12\x34\x56", 6);
constexpr unsigned lower_up = 0x10000; // IFF_LOWER_UP of linux/if.h
constexpr MacAddress mac{{0x52, 0x54, 0, 0x12, 0x34, 0x56}};

} // namespace

TEST_CASE("an interface that appears, changes and goes is told with what the kernel says of it") {
    const Bytes appears = link_message(
        RTM_NEWLINK, 3, ARPHRD_ETHER, IFF_UP | lower_up,
        {attribute(IFLA_IFNAME, std::string_view("eth1\0", 5)), attribute(IFLA_ADDRESS, mac_bytes),
         attribute(IFLA_MTU, 1500), attribute(IFLA_MAX_MTU, 9000), attribute(IFLA_MASTER, 7),
         attribute(IFLA_LINKINFO | NLA_F_NESTED,
                   text_of(attribute(IFLA_INFO_KIND, std::string_view("veth\0", 5))))});
    const Bytes goes = link_message(RTM_DELLINK, 4, ARPHRD_LOOPBACK, 0,
                                    {attribute(IFLA_IFNAME, std::string_view("lo\0", 3))});
    const std::vector<LinkEvent> events = parse_link_events(appears + goes);
    REQUIRE(events.size() == 2);
    Link expected;
    expected.index = 3;
    expected.name = "eth1";
    expected.mac = mac;
    expected.hardware = ARPHRD_ETHER;
    expected.kind = "veth";
    expected.up = true;
    expected.carrier = true;
    expected.enslaved = true;
    expected.mtu = 1500;
    expected.max_mtu = 9000;
    CHECK(events[0] == LinkEvent{.link = expected, .removed = false});
    CHECK(events[1].removed);
    CHECK(events[1].link.index == 4);
    CHECK(events[1].link.name == "lo");
    CHECK_FALSE(events[1].link.up);
    CHECK_FALSE(events[1].link.carrier);
}

TEST_CASE("other messages are skipped, and a master of 0 means no master") {
    const Bytes link = link_message(RTM_NEWLINK, 2, ARPHRD_ETHER, IFF_UP, {attribute(IFLA_MASTER, 0)});
    const Bytes address = link_message(RTM_NEWADDR, 9, 0, 0, {});
    const std::vector<LinkEvent> events = parse_link_events(address + link + address);
    REQUIRE(events.size() == 1);
    CHECK_FALSE(events[0].link.enslaved);
    CHECK(events[0].link.up);
    CHECK_FALSE(events[0].link.carrier);
    CHECK(parse_link_events({}).empty());
}

TEST_CASE("a damaged message ends the reading, a damaged attribute that of its message") {
    const Bytes good = link_message(RTM_NEWLINK, 2, ARPHRD_ETHER, 0, {attribute(IFLA_MTU, 1500)});
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK(parse_link_events(std::span(good).first(length)).empty());
    for (const std::uint32_t length : {0U, 15U, 4096U}) { // shorter than a header, or beyond the buffer
        Bytes bad = good;
        std::memcpy(bad.data(), &length, sizeof length);
        CHECK(parse_link_events(bad + good).empty());
        CHECK(parse_link_events(good + bad).size() == 1);
    }
    const Bytes no_body = link_message(RTM_NEWLINK, 2, 0, 0, {});
    Bytes cut(no_body.begin(), no_body.begin() + NLMSG_HDRLEN);
    const std::uint32_t header_alone = NLMSG_HDRLEN;
    std::memcpy(cut.data(), &header_alone, sizeof header_alone);
    CHECK(parse_link_events(cut + good).size() == 1);

    for (const unsigned short length : {0, 3, 200}) {
        Bytes mtu = attribute(IFLA_MTU, 1400);
        std::memcpy(mtu.data(), &length, sizeof length);
        const Bytes bad = link_message(
            RTM_NEWLINK, 2, ARPHRD_ETHER, 0,
            {attribute(IFLA_IFNAME, std::string_view("eth0\0", 5)), mtu, attribute(IFLA_MAX_MTU, 9000)});
        const std::vector<LinkEvent> events = parse_link_events(bad + good);
        REQUIRE(events.size() == 2);
        CHECK(events[0].link.name == "eth0");
        CHECK(events[0].link.mtu == 0);
        CHECK(events[0].link.max_mtu == 0);
        CHECK(events[1].link.mtu == 1500);
    }
}

TEST_CASE("an attribute of an unexpected length leaves its value empty, a name ends at its zero") {
    const std::vector<LinkEvent> events =
        parse_link_events(link_message(RTM_NEWLINK, 2, ARPHRD_ETHER, 0,
                                       {attribute(IFLA_ADDRESS, "short"), attribute(IFLA_MTU, "\x05"),
                                        attribute(IFLA_IFNAME, std::string_view("eth0\0rest", 9))}));
    REQUIRE(events.size() == 1);
    CHECK(events[0].link.mac == MacAddress{});
    CHECK(events[0].link.mtu == 0);
    CHECK(events[0].link.name == "eth0");
}

TEST_CASE("of the 20 bytes of an InfiniBand port's address the last eight are its GUID") {
    const std::array<char, 20> address{'\x80', 0, 0, 0x48, '\xfe', '\x80', 0,      0, 0,      0,
                                       0,      0, 1, 2,    3,      4,      '\xaa', 6, '\xbb', 8};
    const std::vector<LinkEvent> events = parse_link_events(link_message(
        RTM_NEWLINK, 7, ARPHRD_INFINIBAND, 0, {attribute(IFLA_ADDRESS, {address.data(), address.size()})}));
    REQUIRE(events.size() == 1);
    CHECK(events[0].link.guid.text() == "01:02:03:04:aa:06:bb:08");
    CHECK(is_bootif(events[0].link, parse_bootif("20-01-02-03-04-aa-06-bb-08").value()));
}

TEST_CASE("a wired interface is an Ethernet one of its own, and a BOOTIF is compared by kind and address") {
    Link link;
    link.name = "eth-absent";
    link.mac = mac;
    link.hardware = ARPHRD_ETHER;
    CHECK(is_wired(link));
    for (const char* kind : {"bridge", "bond", "vlan", "tun", "macvlan", "wireguard", "dummy"}) {
        link.kind = kind;
        CHECK_FALSE(is_wired(link));
    }
    for (const char* kind : {"veth", "dsa", ""}) {
        link.kind = kind;
        CHECK(is_wired(link));
    }
    CHECK(is_bootif(link, mac));
    CHECK_FALSE(is_bootif(link, PortGuid{}));
    link.enslaved = true;
    CHECK_FALSE(is_wired(link));
    link.enslaved = false;
    link.hardware = ARPHRD_LOOPBACK;
    CHECK_FALSE(is_wired(link));
    CHECK_FALSE(is_bootif(link, mac));
    CHECK(driver_of("eth-absent").empty());
    CHECK(driver_of("a-name-longer-than-any-interface").empty());
}
