// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/host_network.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

std::string servers_of(const test::TempDir& root) {
    std::string text;
    for (const Ipv4Address address : deploy::name_servers(root.path()))
        text += address.text() + " ";
    return text;
}

} // namespace

TEST_CASE("name servers are those of resolv.conf that other machines can ask") {
    test::TempDir root;
    CHECK(servers_of(root).empty());
    root.write("etc/resolv.conf",
               "# nameserver 10.0.0.9\nsearch example.org\nnameserver 10.0.0.2\nnameserver fd00::1\n"
               "nameserver\t127.0.0.1\nnameserver 10.0.0.3 # second\nnameserver 10.0.0.2\nnameserver\n");
    CHECK(servers_of(root) == "10.0.0.2 10.0.0.3 ");
}

TEST_CASE("behind the stub of systemd-resolved are the servers that it asks") {
    test::TempDir root;
    root.write("run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\n");
    root.write("etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0\n");
    CHECK(servers_of(root) == "192.0.2.53 ");
    root.write("etc/resolv.conf", "nameserver 10.0.0.2\n");
    CHECK(servers_of(root) == "10.0.0.2 ");
}

TEST_CASE("an address of this machine alone is not one for other machines") {
    CHECK(deploy::is_local(*Ipv4Address::parse("127.0.1.1")));
    CHECK(deploy::is_local(*Ipv4Address::parse("0.0.0.0")));
    CHECK_FALSE(deploy::is_local(*Ipv4Address::parse("128.0.0.1")));
    CHECK_FALSE(deploy::resolve_host("localhost"));
    const auto own = deploy::own_address(); // a machine without network has none
    CHECK((!own || !deploy::is_local(*own)));
}
