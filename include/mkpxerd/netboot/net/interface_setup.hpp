// SPDX-License-Identifier: MIT
// NetworkState -> address, routes and MTU of an interface; and their removal.
#pragma once

#include <optional>
#include <vector>

#include "mkpxerd/netboot/net/rtnetlink.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

// The routes of a configuration, in the order in which they must be added. A gateway outside the subnet is
// marked on-link: hosters give a /32 and a gateway elsewhere.
std::vector<RouteRequest> planned_routes(const NetworkState& state, std::uint32_t metric);

// The MTU to set: the wanted one, limited by the device. nullopt: leave it.
std::optional<unsigned> planned_mtu(const Link& link, unsigned wanted);

// Replaces the addresses of the interface. metric keeps the default routes of several interfaces apart. The
// address has an unlimited lifetime, also that of a lease, because a root on NFS must not lose it. If the
// kernel refuses a route, it is logged; a refused router of a lease is also removed from the state. Errors:
// MPX-NET-06, with the interface and the address, or the default route of an ip=.
Result<void> apply_setup(Rtnetlink& netlink, Log& log, const Link& link, NetworkState& state,
                         std::uint32_t metric);
// After a renewal: replaces routes and MTU. Address and mask stay, and so does a gateway without a successor.
// A refusal of the kernel is logged.
void apply_renewal(Rtnetlink& netlink, Log& log, const Link& link, const NetworkState& before,
                   const NetworkState& now);
// Keeps the routes of several interfaces apart.
std::uint32_t route_metric(const Link& link);
// Removes addresses and routes, as far as possible.
void undo_setup(Rtnetlink& netlink, const Link& link);

} // namespace mkpxerd::netboot
