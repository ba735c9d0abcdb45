// SPDX-License-Identifier: MIT
// NetworkRequest -> the network: links up, addresses by DHCP or as given, one winner.
#pragma once

#include <vector>

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct ConfiguredNetwork {
    NetworkState state;            // of the winner
    std::vector<HeldLease> leases; // of every interface that is in use, to be renewed
};

// Waits for interfaces as they appear, runs until one is configured or the deadline has passed.
// Errors (MPX-NET-..., MPX-DHCP-...) say what was tried on which interface.
Task<ConfiguredNetwork> bring_up_network(boost::asio::io_context& io, Log& log, NetworkRequest request);

} // namespace mkpxerd::netboot
