// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/network_files.hpp"

#include <catch2/catch.hpp>

#include "new_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

NetworkState lease() {
    NetworkState network;
    network.interface = "eth0";
    network.mac = *MacAddress::parse("52:54:00:00:00:01");
    network.address = *Ipv4Address::parse("10.0.0.9");
    network.prefix = 24;
    network.gateway = Ipv4Address::parse("10.0.0.1");
    network.dns = {*Ipv4Address::parse("10.0.0.2"), *Ipv4Address::parse("10.0.0.3")};
    network.hostname = "node7";
    network.dynamic = true;
    network.lease_seconds = 3600;
    return network;
}

} // namespace

TEST_CASE("the lease is handed over unless the root knows better") {
    test::NewRoot machine;
    machine.system.write("/newroot/etc/hostname", "own\n");
    REQUIRE(hand_over_lease(machine.system, lease()));
    CHECK(machine.content("/newroot/etc/resolv.conf") == "nameserver 10.0.0.2\nnameserver 10.0.0.3\n");
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK(machine.content("/newroot/etc/network/interfaces") ==
          "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n");
    auto fixed = lease();
    fixed.dynamic = false;
    test::NewRoot other;
    REQUIRE(hand_over_lease(other.system, fixed));
    CHECK(other.content("/newroot/etc/network/interfaces")
              .ends_with("iface eth0 inet static\n\taddress 10.0.0.9/24\n\tgateway 10.0.0.1\n"));
    CHECK(other.content("/newroot/etc/hostname") == "node7\n");
}
