// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/lease_range.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace mkpxerd;

namespace {

std::string range_of(const char* subnet, const char* server, const std::vector<const char*>& others = {}) {
    std::vector<Ipv4Address> used = {*Ipv4Address::parse(server)};
    for (const char* other : others)
        used.push_back(*Ipv4Address::parse(other));
    const auto range = deploy::choose_lease_range(*Ipv4Subnet::parse(subnet), used.front(), used);
    return range ? range->first.text() + "-" + range->second.text() : "none";
}

} // namespace

TEST_CASE("addresses are leased from the half of the subnet without the server") {
    CHECK(range_of("10.0.0.0/24", "10.0.0.1") == "10.0.0.128-10.0.0.254");
    CHECK(range_of("10.0.0.0/24", "10.0.0.200") == "10.0.0.1-10.0.0.127");
    CHECK(range_of("10.0.0.200/29", "10.0.0.203") == "10.0.0.204-10.0.0.206");
    CHECK(range_of("10.0.0.0/8", "10.0.0.1") == "10.128.0.0-10.255.255.254");
}

TEST_CASE("no address that is in use is leased: the longest run without one is taken") {
    CHECK(range_of("10.0.0.0/24", "10.0.0.1", {"10.0.0.254"}) == "10.0.0.128-10.0.0.253");
    CHECK(range_of("192.168.1.0/24", "192.168.1.200", {"192.168.1.1"}) == "192.168.1.2-192.168.1.127");
    CHECK(range_of("10.0.0.0/24", "10.0.0.1", {"10.0.0.200", "10.0.0.128", "10.0.0.1", "9.9.9.9"}) ==
          "10.0.0.129-10.0.0.199");
    CHECK(range_of("10.0.0.0/24", "10.0.0.1", {"10.0.0.140", "10.0.0.140"}) == "10.0.0.141-10.0.0.254");
}

TEST_CASE("a full half leaves the other one, and a full subnet nothing") {
    CHECK(range_of("10.0.0.0/29", "10.0.0.1", {"10.0.0.4", "10.0.0.5", "10.0.0.6"}) == "10.0.0.2-10.0.0.3");
    CHECK(range_of("10.0.0.0/29", "10.0.0.1", {"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}) ==
          "none");
}
