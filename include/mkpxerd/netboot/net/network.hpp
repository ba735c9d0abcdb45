// SPDX-License-Identifier: MIT
// NetworkRequest -> ConfiguredNetwork: brings up interfaces, with addresses by DHCP or from ip=, and chooses
// the one to use.
#pragma once

#include <vector>

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct ConfiguredNetwork {
    NetworkState state;            // of the chosen interface
    std::vector<HeldLease> leases; // in use, and to be renewed
};

// Waits for interfaces to appear, until one is chosen or the deadline has passed. Errors (MPX-NET-...,
// MPX-DHCP-...) list what was tried on each interface.
Task<ConfiguredNetwork> bring_up_network(boost::asio::io_context& io, Log& log, NetworkRequest request);

} // namespace mkpxerd::netboot
