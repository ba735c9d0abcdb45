// SPDX-License-Identifier: MIT
// The time of day from time servers (SNTP, RFC 4330), to the second: enough for certificates.
#pragma once

#include <cstdint>
#include <vector>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct NetworkTime {
    std::int64_t seconds = 0; // since 1970
    Ipv4Address server;       // the sender
};

// Asks all servers once a second, and returns the first reply. image_time: see parse_sntp. Errors:
// MPX-NTP-01, with the servers.
Task<NetworkTime> ask_time(boost::asio::io_context& io, std::vector<Ipv4Address> servers,
                           std::int64_t image_time, Deadline deadline);

} // namespace mkpxerd::netboot
