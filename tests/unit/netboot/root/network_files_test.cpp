// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/network_files.hpp"

#include <catch2/catch.hpp>

#include "new_root.hpp"
#include "sample_lease.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the lease is handed over unless the root knows better") {
    test::NewRoot machine;
    machine.system.write("/newroot/etc/hostname", "own\n");
    REQUIRE(hand_over_lease(machine.system, test::sample_lease()));
    CHECK(machine.content("/newroot/etc/resolv.conf") == "nameserver 10.0.0.2\nnameserver 10.0.0.3\n");
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK(machine.content("/newroot/etc/network/interfaces") ==
          "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n");
    auto fixed = test::sample_lease();
    fixed.dynamic = false;
    test::NewRoot other;
    REQUIRE(hand_over_lease(other.system, fixed));
    CHECK(other.content("/newroot/etc/network/interfaces")
              .ends_with("iface eth0 inet static\n\taddress 10.0.0.9/24\n\tgateway 10.0.0.1\n"));
    CHECK(other.content("/newroot/etc/hostname") == "node7\n");
}
