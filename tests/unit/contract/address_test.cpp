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

TEST_CASE("what is not wholly a MAC address is none") {
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

TEST_CASE("what is not wholly an IPv4 address is none") {
    for (const char* text :
         {"",          "1.2.3",    "1.2.3.4.5",  "256.1.1.1", "1.2.3.256", "1.2.3.",   ".1.2.3",
          "1..2.3",    "01.2.3.4", "1.2.3.010",  "1.2.3.4 ",  " 1.2.3.4",  "+1.2.3.4", "1.2.3.-4",
          "0x1.2.3.4", "1.2.3.4a", "1.2.3.0004", "1,2,3,4",   "::1",       "16909060"}) {
        INFO(text);
        CHECK_FALSE(Ipv4Address::parse(text));
    }
}
