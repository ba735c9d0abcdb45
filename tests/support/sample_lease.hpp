// SPDX-License-Identifier: MIT
// A network state from a DHCP lease, for tests that use one.
#pragma once

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::test {

inline netboot::NetworkState sample_lease() {
    netboot::NetworkState network;
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

} // namespace mkpxerd::test
