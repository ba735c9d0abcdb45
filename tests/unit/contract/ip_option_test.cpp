// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/ip_option.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mkpxerd;
using namespace mkpxerd;

namespace {

std::string text_of(const std::optional<Ipv4Address>& address) {
    return address ? address->text() : "-";
}

// One line with every field, so that a row of the table shows all of what was understood.
std::string describe(const IpOption& option) {
    constexpr const char* methods[] = {"dhcp", "static", "off"};
    std::string out =
        fmt::format("{} dev={} addr={}/{} server={} gw={} host={}", methods[static_cast<int>(option.method)],
                    option.device, option.address.text(), option.prefix, text_of(option.server),
                    text_of(option.gateway), option.hostname);
    for (const Ipv4Address dns : option.dns)
        out += " dns=" + dns.text();
    for (const Ipv4Address ntp : option.ntp)
        out += " ntp=" + ntp.text();
    if (option.mtu != 0) out += fmt::format(" mtu={}", option.mtu);
    return out;
}

struct Row {
    const char* text;
    const char* expected;
};

constexpr const char* plain_dhcp = "dhcp dev= addr=0.0.0.0/0 server=- gw=- host=";
constexpr const char* plain_off = "off dev= addr=0.0.0.0/0 server=- gw=- host=";

} // namespace

TEST_CASE("every accepted form of ip= is understood") {
    const Row rows[] = {
        {"dhcp", plain_dhcp},
        {"DHCP", plain_dhcp},
        {"on", plain_dhcp},
        {"any", plain_dhcp},
        {"both", plain_dhcp},
        {"single-dhcp", plain_dhcp},
        {"off", plain_off},
        {"none", plain_off},
        {"::::::off", plain_off},
        {"::::::", plain_dhcp},
        {":", plain_dhcp},
        {":::::::::", plain_dhcp},
        {"::::::dhcp", plain_dhcp},
        {":::::eth0:dhcp", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host="},
        {":::::eth0:dhcp:::", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host="},
        {":::::eth0", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host="},
        {":::::eth1:none", "off dev=eth1 addr=0.0.0.0/0 server=- gw=- host="},
        {"::::box:eth0:dhcp", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host=box"},
        {"eth0:dhcp", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host="},
        {"eth0:on", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host="},
        {"eth0.7:dhcp", "dhcp dev=eth0.7 addr=0.0.0.0/0 server=- gw=- host="},
        {"eth0:dhcp:1400", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host= mtu=1400"},
        {"bootif:dhcp", "dhcp dev=BOOTIF addr=0.0.0.0/0 server=- gw=- host="},
        {":::::BOOTIF:dhcp", "dhcp dev=BOOTIF addr=0.0.0.0/0 server=- gw=- host="},
        {":::::52-54-00-AA-bb-cc:dhcp", "dhcp dev=52:54:00:aa:bb:cc addr=0.0.0.0/0 server=- gw=- host="},
        {":::::01-52-54-00-aa-bb-cc:dhcp", "dhcp dev=52:54:00:aa:bb:cc addr=0.0.0.0/0 server=- gw=- host="},
        // The guide's short form.
        {"10.0.0.5::10.0.0.1:255.255.255.0::eth0:",
         "static dev=eth0 addr=10.0.0.5/24 server=- gw=10.0.0.1 host="},
        {"10.0.0.5::10.0.0.1:255.255.255.0::eth0",
         "static dev=eth0 addr=10.0.0.5/24 server=- gw=10.0.0.1 host="},
        {"10.0.0.5::10.0.0.1:255.255.255.0:::", "static dev= addr=10.0.0.5/24 server=- gw=10.0.0.1 host="},
        {"10.0.0.5::10.0.0.1:255.255.255.0", "static dev= addr=10.0.0.5/24 server=- gw=10.0.0.1 host="},
        // pxelinux, SYSAPPEND 1.
        {"10.0.0.5:10.0.0.2:10.0.0.1:255.255.0.0",
         "static dev= addr=10.0.0.5/16 server=10.0.0.2 gw=10.0.0.1 host="},
        // Every field of the kernel's syntax.
        {"10.1.2.3:10.1.0.9:10.1.0.1:255.255.0.0:web-1.example:ens3:none:10.1.0.53:10.1.0.54:10.1.0.123",
         "static dev=ens3 addr=10.1.2.3/16 server=10.1.0.9 gw=10.1.0.1 host=web-1.example dns=10.1.0.53 "
         "dns=10.1.0.54 "
         "ntp=10.1.0.123"},
        {"10.1.2.3:::255.255.0.0:::off:0.0.0.0:10.1.0.54:0.0.0.0",
         "static dev= addr=10.1.2.3/16 server=- gw=- host= dns=10.1.0.54"},
        {"10.1.2.3::::::off::::", "static dev= addr=10.1.2.3/8 server=- gw=- host="},
        {"::::::dhcp:10.1.0.53", "dhcp dev= addr=0.0.0.0/0 server=- gw=- host= dns=10.1.0.53"},
        // Masks.
        {"10.1.2.3:::/24", "static dev= addr=10.1.2.3/24 server=- gw=- host="},
        {"10.1.2.3:::24", "static dev= addr=10.1.2.3/24 server=- gw=- host="},
        {"10.1.2.3/20", "static dev= addr=10.1.2.3/20 server=- gw=- host="},
        {"10.1.2.3/20:::255.255.240.0", "static dev= addr=10.1.2.3/20 server=- gw=- host="},
        {"95.217.0.7::172.31.1.1:255.255.255.255::eth0:none",
         "static dev=eth0 addr=95.217.0.7/32 server=- gw=172.31.1.1 host="},
        {"10.1.2.3", "static dev= addr=10.1.2.3/8 server=- gw=- host="},
        {"172.16.1.2::172.16.0.1", "static dev= addr=172.16.1.2/16 server=- gw=172.16.0.1 host="},
        {"192.168.1.2::192.168.1.1:0.0.0.0", "static dev= addr=192.168.1.2/24 server=- gw=192.168.1.1 host="},
        {"192.168.1.2::0.0.0.0:24", "static dev= addr=192.168.1.2/24 server=- gw=- host="},
        // MTU as in dracut; an address wished for.
        {"10.1.2.3::10.1.0.1:24::eth0:none:9000",
         "static dev=eth0 addr=10.1.2.3/24 server=- gw=10.1.0.1 host= mtu=9000"},
        {":::::eth0:dhcp:1400", "dhcp dev=eth0 addr=0.0.0.0/0 server=- gw=- host= mtu=1400"},
        {"10.1.2.3:::24::eth0:dhcp", "dhcp dev=eth0 addr=10.1.2.3/24 server=- gw=- host="},
        {"0.0.0.0::::::dhcp", plain_dhcp},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const Result<IpOption> option = parse_ip_option(row.text);
        REQUIRE(option);
        CHECK(describe(*option) == row.expected);
    }
}

TEST_CASE("a bad ip= is refused, and the message names the field") {
    const Row rows[] = {
        {"", "is empty"},
        {"dhpc", "'dhpc' is not a method"},
        {"rarp", "'rarp' is not supported"},
        {"dhcp6", "'dhcp6' is not supported"},
        {"[fd00::1]::[fd00::2]:64", "IPv6"},
        {"10.0.0::10.0.0.1:24", "client address '10.0.0'"},
        {"10.0.0.256::10.0.0.1:24", "client address '10.0.0.256'"},
        {"10.0.0.5:host:10.0.0.1:24", "server address 'host'"},
        {"10.0.0.5::gw:24", "gateway 'gw'"},
        {"10.0.0.5::10.0.0.1:255.0.255.0", "'255.0.255.0' is not a netmask"},
        {"10.0.0.5::10.0.0.1:33", "'33' is not a netmask"},
        {"10.0.0.5::10.0.0.1:/0", "'/0' is not a netmask"},
        {"10.0.0.5/24::10.0.0.1:255.255.0.0", "differ"},
        {"10.0.0.5::10.0.0.1:24:bad host:eth0", "'bad host' is not a host name"},
        {"10.0.0.5::10.0.0.1:24::../../x", "is not the name of a network interface"},
        {"10.0.0.5::10.0.0.1:24::averyveryverylongname", "is not the name of a network interface"},
        {"10.0.0.5::10.0.0.1:24::eth0:maybe", "'maybe' is not a method"},
        {"10.0.0.5::10.0.0.1:24::eth0:none:67", "MTU '67'"},
        {"10.0.0.5::10.0.0.1:24::eth0:none:1500:52:54:00:aa:bb:cc", "MAC address"},
        {"10.0.0.5::10.0.0.1:24::eth0:none:dns.example", "DNS server 'dns.example'"},
        {"10.0.0.5::10.0.0.1:24::eth0:none:1.1.1.1:1.0.0.1:ntp", "NTP server 'ntp'"},
        {"10.0.0.5::10.0.0.1:24::eth0:none:1.1.1.1:1.0.0.1:2.2.2.2:x", "more than ten fields"},
        {"127.0.0.1:::8", "127.0.0.1 cannot be"},
        {"224.0.0.1:::24", "224.0.0.1 cannot be"},
        {"255.255.255.255", "cannot be"},
        {"52:54:00:aa:bb:cc:dhcp", "client address '52'"},
        {"eth0:dhcp:x", "MTU 'x'"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const Result<IpOption> option = parse_ip_option(row.text);
        REQUIRE_FALSE(option);
        CHECK_THAT(option.error().text(), Catch::Contains(row.expected));
        CHECK(option.error().first().object == fmt::format("ip={}", row.text));
        CHECK(option.error().first().code == "MPX-NET-08");
    }
}

TEST_CASE("BOOTIF is understood in the spelling of every loader") {
    const Bootif expected = MacAddress{{0x52, 0x54, 0x00, 0xaa, 0xbb, 0xcc}};
    for (const char* text : {"01-52-54-00-aa-bb-cc", "01-52-54-00-AA-BB-CC", "01-52:54:00:aa:bb:cc",
                             "01:52:54:00:aa:bb:cc", "52:54:00:AA:BB:CC", "52-54-00-aa-bb-cc",
                             "00-52-54-00-aa-bb-cc", "06-52-54-00-aa-bb-cc", "06:52:54:00:aa:bb:cc"}) {
        INFO(text);
        CHECK(parse_bootif(text) == expected);
    }
    for (const char* text : {"", "01-", "07-52-54-00-aa-bb-cc", "01_52-54-00-aa-bb-cc", "01-52-54-00-aa-bb",
                             "01-52-54-00-aa-bb-cc-dd", "eth0", "01-52-54-00-aa-bb-cg"}) {
        INFO(text);
        CHECK_FALSE(parse_bootif(text));
    }
}

TEST_CASE("BOOTIF of an InfiniBand port has eight bytes behind type 20") {
    const Bootif expected = PortGuid{{0x24, 0x8a, 0x07, 0x03, 0x00, 0xa2, 0xee, 0x2c}};
    CHECK(parse_bootif("20-24-8a-07-03-00-a2-ee-2c") == expected);
    CHECK(parse_bootif("20-24:8A:07:03:00:A2:EE:2C") == expected);
    CHECK(to_text(expected) == "24:8a:07:03:00:a2:ee:2c");
    for (const char* text : {"20-52-54-00-aa-bb-cc", "01-24-8a-07-03-00-a2-ee-2c", "24-8a-07-03-00-a2-ee-2c",
                             "20-24-8a-07-03-00-a2-ee", "20-24-8a-07-03-00-a2-ee-2c-00", "20-"}) {
        INFO(text);
        CHECK_FALSE(parse_bootif(text));
    }
    CHECK(parse_ip_option(":::::20-24-8a-07-03-00-a2-ee-2c:dhcp")->device == "24:8a:07:03:00:a2:ee:2c");
}
