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
struct Names {
    std::vector<std::string> good;
    bool has_bad = false;
    void add(std::optional<std::string> name);
};

std::uint32_t get32(Bytes bytes); // of four bytes at least

std::optional<std::vector<Ipv4Address>> read_addresses(Bytes value);
std::optional<std::string> read_name(Bytes value);
// RFC 3442: prefix, the significant bytes of the destination, the gateway; 0.0.0.0 means on-link.
std::optional<std::vector<Route>> read_routes(Bytes value);
// Option 15 has one name. Some servers send several, separated by spaces or commas.
Names read_domains(Bytes value);
// RFC 3397. A bad name costs only itself, but a name that does not end costs the rest of the list.
Names read_search(Bytes value);
std::optional<unsigned> read_mask(Bytes value); // bits, at least one
std::optional<unsigned> read_mtu(Bytes value);  // bytes
std::optional<std::uint32_t> read_number(Bytes value);
std::string printable(Bytes value);

} // namespace mkpxerd::netboot::dhcp
