// SPDX-License-Identifier: MIT
// NetworkRequest -> NetworkState: links up, addresses by DHCP or as given, one winner.
#pragma once

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class Network {
  public:
    Network(boost::asio::io_context& io, Log& log);

    // Waits for interfaces as they appear, runs until one is configured or the deadline has passed.
    // Errors (MPX-NET-..., MPX-DHCP-...) say what was tried on which interface.
    Task<NetworkState> bring_up(const NetworkRequest& request);
    // After that: the leases that are in use, to be renewed.
    const std::vector<HeldLease>& leases() const { return leases_; }

  private:
    boost::asio::io_context& io_;
    Log& log_;
    std::vector<HeldLease> leases_;
};

} // namespace mkpxerd::netboot
