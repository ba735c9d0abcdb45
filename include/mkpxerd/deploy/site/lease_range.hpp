// SPDX-License-Identifier: MIT
// Subnet, addresses in use -> the addresses that DHCP may lease.
#pragma once

#include <optional>
#include <span>
#include <utility>

#include "mkpxerd/contract/address.hpp"

namespace mkpxerd::deploy {

// First and last address of the longest run without any address of `used`: in the half of the subnet that
// does not contain the server, as people give the low or the high addresses to their servers by hand; or in
// the whole subnet, if that half is full. nullopt: every address is used.
std::optional<std::pair<Ipv4Address, Ipv4Address>>
choose_lease_range(const Ipv4Subnet& subnet, Ipv4Address server, std::span<const Ipv4Address> used);

} // namespace mkpxerd::deploy
