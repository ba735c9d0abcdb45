// SPDX-License-Identifier: MIT
// Posts the boot report to a URL.
#pragma once

#include <string>

#include "mkpxerd/netboot/runtime/task.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Once, without retries: a report must not delay the boot. Errors: those of connect_tcp, and a status other
// than 2xx; https is refused.
Task<void> post_report(boost::asio::io_context& io, const NetworkState& network, const Url& place,
                       std::string body, Deadline deadline);

} // namespace mkpxerd::netboot
