// SPDX-License-Identifier: MIT
// Does a lease lead to where the boot must go? One TCP connection attempt through that interface tells.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct HostPort {
    std::string host; // name or address
    std::uint16_t port = 80;
    bool operator==(const HostPort&) const = default;
};

// "host", "host:port", "[v6]:port". A port that is none belongs to the name, and will not resolve.
HostPort parse_host_port(const std::string& text);

struct ReachVerdict {
    bool reached = false;
    std::string text; // "10.0.0.1 answers", "boot.example: no such name, says 10.0.0.53"
};

// A host is reached when it takes or refuses the connection, or, on our own subnet, when it answers ARP.
// Through state.interface only, with the DNS servers of that lease. Ends within seconds; one reached host is
// enough. Without hosts the gateway stands for them, and without a gateway nothing is in doubt.
boost::asio::awaitable<ReachVerdict> probe_reach(boost::asio::io_context& io, NetworkState state,
                                                 std::vector<std::string> hosts, Deadline deadline,
                                                 std::stop_token stop);

} // namespace mkpxerd::netboot
