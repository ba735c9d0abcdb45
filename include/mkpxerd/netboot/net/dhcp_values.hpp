// SPDX-License-Identifier: MIT
// The bytes of one DHCP option -> its value. Pure; the bytes may be hostile. nullopt: malformed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/net/dhcp_options.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot::dhcp {

// The usable names of a list, each once, and whether it contains others.
struct DomainNames {
    std::vector<std::string> good;
    bool has_bad = false;
    void add(std::optional<std::string> name);
};

std::uint32_t get32(DhcpBytes bytes); // of four bytes at least

std::optional<std::vector<Ipv4Address>> read_addresses(DhcpBytes value);
std::optional<std::string> read_name(DhcpBytes value);
// RFC 3442: prefix, the significant bytes of the destination, the gateway; 0.0.0.0 means on-link.
std::optional<std::vector<Route>> read_routes(DhcpBytes value);
// Option 15 has one name. Some servers send several, separated by spaces or commas.
DomainNames read_domains(DhcpBytes value);
// RFC 3397. A bad name costs only itself, but a name that does not end costs the rest of the list.
DomainNames read_search(DhcpBytes value);
std::optional<unsigned> read_mask(DhcpBytes value); // bits, at least one
std::optional<unsigned> read_mtu(DhcpBytes value);  // bytes
std::optional<std::uint32_t> read_number(DhcpBytes value);
std::string printable(DhcpBytes value);

} // namespace mkpxerd::netboot::dhcp
