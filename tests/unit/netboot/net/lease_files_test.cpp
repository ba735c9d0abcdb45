// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/lease_files.hpp"

#include <catch2/catch.hpp>

#include "fake_system.hpp"
#include "sample_lease.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("resolv.conf has the servers and the search list of the lease") {
    NetworkState network;
    CHECK(resolv_conf(network).empty());
    network.dns = {*Ipv4Address::parse("10.0.0.1"), *Ipv4Address::parse("10.0.0.2")};
    CHECK(resolv_conf(network) == "nameserver 10.0.0.1\nnameserver 10.0.0.2\n");
    network.domain = "lab";
    CHECK(resolv_conf(network).starts_with("search lab\n"));
    network.search = {"a.lab", "b.lab"};
    CHECK(resolv_conf(network).starts_with("search a.lab b.lab\n"));
}

TEST_CASE("programs of the new root can read the lease") {
    test::FakeSystem system;
    REQUIRE(write_lease_files(system, test::sample_lease()));
    CHECK(read_file(system.host("/etc/resolv.conf")).value() == resolv_conf(test::sample_lease()));
    const std::string text = read_file(system.host("/run/mkpxerd/lease")).value();
    CHECK(text.starts_with(
        "INTERFACE=eth0\nMAC=52:54:00:00:00:01\nADDRESS=10.0.0.9\nPREFIX=24\nGATEWAY=10.0.0.1\n"));
    CHECK(text.find("DNS=10.0.0.2 10.0.0.3\n") != std::string::npos);
    CHECK(text.find("LEASE_SECONDS=3600\n") != std::string::npos);
    CHECK(text.find("DOMAIN") == std::string::npos);
}

TEST_CASE("a resolv.conf that cannot be written is an error, and the lease is written all the same") {
    test::FakeSystem system;
    std::filesystem::create_directories(system.host("/etc/resolv.conf"));
    const auto written = write_lease_files(system, test::sample_lease());
    REQUIRE_FALSE(written);
    CHECK_THAT(written.error().text(), Catch::Contains("/etc/resolv.conf"));
    CHECK(read_file(system.host("/run/mkpxerd/lease")).value() == lease_text(test::sample_lease()));
}

TEST_CASE("a lease without a DNS server leaves resolv.conf alone") {
    test::FakeSystem system;
    NetworkState network = test::sample_lease();
    network.dns.clear();
    REQUIRE(write_lease_files(system, network));
    CHECK_FALSE(std::filesystem::exists(system.host("/etc/resolv.conf")));
}
