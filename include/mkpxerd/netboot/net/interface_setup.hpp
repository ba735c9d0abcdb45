// SPDX-License-Identifier: MIT
// NetworkState -> address, routes and MTU of an interface, and back.
#pragma once

#include <optional>
#include <vector>

#include "mkpxerd/netboot/net/rtnetlink.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

// The routes of a configuration in the order they must be made: a gateway outside the subnet is marked
// on-link (hosters give a /32 and a gateway elsewhere).
std::vector<RouteRequest> planned_routes(const NetworkState& state, std::uint32_t metric);

// What the MTU becomes: as asked for, never more than the device can do; nullopt when nothing is to be set.
std::optional<unsigned> planned_mtu(const Link& link, unsigned wanted);

// Addresses of the interface are replaced. metric keeps the default routes of several interfaces apart.
// The address stays for ever, also one of a lease: a root file system on NFS must not lose it when the lease
// is lost. A route to a part of the network that the kernel refuses is logged; so is the router of a lease,
// which the state then is without. Errors: MPX-NET-06, naming interface and address or, where it was given by
// ip=, default route.
Result<void> apply_setup(Rtnetlink& netlink, Log& log, const Link& link, NetworkState& state,
                         std::uint32_t metric);
// What became of a lease when it was renewed: routes and MTU take the place of those before; address and mask
// stay, and so does a gateway that has no successor. What the kernel refuses is logged.
void apply_renewal(Rtnetlink& netlink, Log& log, const Link& link, const NetworkState& before,
                   const NetworkState& now);
// Keeps the routes of several interfaces apart.
std::uint32_t route_metric(const Link& link);
// Takes addresses and routes away again; best effort.
void undo_setup(Rtnetlink& netlink, const Link& link);

} // namespace mkpxerd::netboot
