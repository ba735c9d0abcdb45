// SPDX-License-Identifier: MIT
// Network interfaces, as the kernel reports them in link messages (RTM_NEWLINK, RTM_DELLINK).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct Link {
    int index = 0;
    std::string name;
    MacAddress mac;
    PortGuid guid;               // of an InfiniBand port
    unsigned short hardware = 0; // ARPHRD_...
    std::string kind;            // IFLA_INFO_KIND: "veth", "vlan", "bridge", ...; empty for hardware
    bool up = false;             // IFF_UP
    bool carrier = false;        // IFF_LOWER_UP
    bool enslaved = false;       // part of a bond, bridge or team
    unsigned mtu = 0;            // bytes
    unsigned max_mtu = 0;        // bytes; 0: unknown
    bool operator==(const Link&) const = default;
};

struct LinkEvent {
    Link link;
    bool removed = false;
    bool operator==(const LinkEvent&) const = default;
};

// The link messages in a buffer of the kernel; it skips others. Pure.
std::vector<LinkEvent> parse_link_events(std::span<const std::byte> buffer);

// An Ethernet interface that may have a cable: not a loopback, tunnel, bridge, part of a bond, or Wi-Fi.
bool is_wired(const Link& link);

// The interface has the hardware address of the BOOTIF.
bool is_bootif(const Link& link, const Bootif& bootif);

// The driver of an interface ("e1000e"); empty: unknown. By ioctl, because /sys may show another network
// namespace.
std::string driver_of(const std::string& interface);

} // namespace mkpxerd::netboot
