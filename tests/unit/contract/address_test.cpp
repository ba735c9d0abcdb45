// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/address.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("a MAC address is read with either separator and in any case") {
    const MacAddress expected{{0x52, 0x54, 0x00, 0xaa, 0xbb, 0xcc}};
    CHECK(MacAddress::parse("52:54:00:aa:bb:cc") == expected);
    CHECK(MacAddress::parse("52-54-00-AA-BB-CC") == expected);
    CHECK(MacAddress::parse("52:54:00:aA:Bb:CC") == expected);
}

TEST_CASE("text around a MAC address is refused") {
    for (const char* text :
         {"", "52:54:00:aa:bb", "52:54:00:aa:bb:cc:dd", "52-54:00:aa:bb:cc", "52:54:00:aa:bb:c",
          "52:54:00:aa:bb:cg", "52.54.00.aa.bb.cc", "525400aabbcc", " 52:54:00:aa:bb:cc", "52:54:00:aa:bb: c",
          "52:54:00:aa:bb:+c", "5:254:00:aa:bb:cc", "-52:54:00:aa:bb:c"}) {
        INFO(text);
        CHECK_FALSE(MacAddress::parse(text));
    }
}

TEST_CASE("a MAC address is written in lower case with the separator asked for") {
    const MacAddress mac{{0x02, 0x0A, 0xFF, 0x00, 0x01, 0xb0}};
    CHECK(mac.text() == "02:0a:ff:00:01:b0");
    CHECK(mac.text('-') == "02-0a-ff-00-01-b0");
}

TEST_CASE("an IPv4 address is read and written") {
    CHECK(Ipv4Address::parse("192.168.1.20")->value == 0xc0a80114);
    CHECK(Ipv4Address::parse("0.0.0.0")->is_unspecified());
    CHECK(Ipv4Address::parse("255.255.255.255")->value == 0xffffffff);
    CHECK(Ipv4Address{0x0a000001}.text() == "10.0.0.1");
    CHECK(Ipv4Address{0xfffefdfc}.text() == "255.254.253.252");
}

TEST_CASE("text around an IPv4 address is refused") {
    for (const char* text :
         {"",          "1.2.3",    "1.2.3.4.5",  "256.1.1.1", "1.2.3.256", "1.2.3.",   ".1.2.3",
          "1..2.3",    "01.2.3.4", "1.2.3.010",  "1.2.3.4 ",  " 1.2.3.4",  "+1.2.3.4", "1.2.3.-4",
          "0x1.2.3.4", "1.2.3.4a", "1.2.3.0004", "1,2,3,4",   "::1",       "16909060"}) {
        INFO(text);
        CHECK_FALSE(Ipv4Address::parse(text));
    }
}

TEST_CASE("a mask is a prefix only when it has no holes") {
    CHECK(mask_prefix({0xffffff00}) == 24u);
    CHECK(mask_prefix({0xffffffff}) == 32u);
    CHECK(mask_prefix({0}) == 0u);
    CHECK_FALSE(mask_prefix({0xff00ff00}));
    CHECK_FALSE(mask_prefix({0x00ffffff}));
}

TEST_CASE("a subnet knows its mask, its ends and its addresses") {
    const Ipv4Subnet subnet = Ipv4Subnet::parse("10.0.1.7/23").value();
    CHECK(subnet.mask().text() == "255.255.254.0");
    CHECK(subnet.first().text() == "10.0.0.0");
    CHECK(subnet.last().text() == "10.0.1.255");
    CHECK(subnet.contains(subnet.last()));
    CHECK_FALSE(subnet.contains(*Ipv4Address::parse("10.0.2.0")));
    CHECK(Ipv4Subnet::parse("10.0.0.1/32")->last().text() == "10.0.0.1");
    CHECK(Ipv4Subnet::parse("10.0.0.1/0")->contains(*Ipv4Address::parse("192.0.2.1")));
    for (const char* text : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/24",
                             "10.0.0.0//24", "10.0.0.0/255.255.255.0"}) {
        INFO(text);
        CHECK_FALSE(Ipv4Subnet::parse(text));
    }
}

TEST_CASE("a netmask is dotted or a number of bits") {
    for (const char* text : {"255.255.255.0", "/24", "24"}) {
        INFO(text);
        CHECK(parse_netmask(text) == 24u);
    }
    CHECK(parse_netmask("255.255.255.255") == 32u);
    for (const char* text :
         {"", "/", "0", "/0", "33", "/33", "0.0.0.0", "255.0.255.0", "/255.255.255.0", "x"}) {
        INFO(text);
        CHECK_FALSE(parse_netmask(text));
    }
}

TEST_CASE("a host may name its port") {
    CHECK(HostPort::parse("10.0.0.1", 80) == HostPort{"10.0.0.1", 80});
    CHECK(HostPort::parse("boot.example:2049", 80) == HostPort{"boot.example", 2049});
    CHECK(HostPort::parse("[fd00::1]:8080", 80) == HostPort{"fd00::1", 8080});
    CHECK(HostPort::parse("[fd00::1]", 80) == HostPort{"fd00::1", 80});
    CHECK(HostPort::parse("fd00::1", 514) == HostPort{"fd00::1", 514});
    CHECK(HostPort{"fd00::1", 8080}.text() == "[fd00::1]:8080");
    CHECK(HostPort{"boot.example", 80}.text() == "boot.example:80");
    for (const char* text :
         {"", ":80", "host:", "host:0", "host:65536", "host:x", "[fd00::1", "[fd00::1]80", "[]"}) {
        INFO(text);
        CHECK_FALSE(HostPort::parse(text, 80));
    }
}
