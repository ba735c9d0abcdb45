// SPDX-License-Identifier: MIT
// What this machine knows about its network, for options that the user did not give.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/address.hpp"

namespace mkpxerd::deploy {

// The source address of packets to other networks, or the one address of a machine without such a route.
// No packet is sent.
std::optional<Ipv4Address> own_address();

// By the machine's resolver, which may ask name servers. nullopt: the name is unknown, or has no address that
// other machines can reach, as in Debian's "127.0.1.1 NAME" of /etc/hosts.
std::optional<Ipv4Address> resolve_host(const std::string& name);

// The name servers in resolv.conf below root, in order. Stubs on this machine, such as 127.0.0.53 of
// systemd-resolved, are of no use to others: then the servers that systemd-resolved itself asks.
std::vector<Ipv4Address> name_servers(const std::filesystem::path& root);

// Has a use on this machine alone: 127.0.0.0/8, 0.0.0.0/8.
bool is_local(Ipv4Address address);

} // namespace mkpxerd::deploy
