// SPDX-License-Identifier: MIT
// Checks by a TCP connection attempt whether an interface leads to the hosts that the boot needs.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct ReachVerdict {
    bool reached = false;
    std::string text; // "10.0.0.1 answers", "boot.example: no such name, according to 10.0.0.53"
};

// A host is reached if it accepts or refuses the connection or, on our own subnet, answers ARP. Uses
// state.interface only, with the DNS servers of its lease. Ends within seconds; one reached host is enough.
// Without hosts it probes the gateway; without a gateway it succeeds.
boost::asio::awaitable<ReachVerdict> probe_reach(boost::asio::io_context& io, NetworkState state,
                                                 std::vector<HostPort> hosts, Deadline deadline,
                                                 std::stop_token stop);

} // namespace mkpxerd::netboot
