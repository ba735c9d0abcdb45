// SPDX-License-Identifier: MIT
// Writes the report to a serial port: mkpxerd.report=/dev/ttyS1. That works without a network.
#pragma once

#include <string>

#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// path: of the machine. Errors name it: it is absent, not a terminal, or took the report not before the
// deadline.
Task<void> write_report_to(boost::asio::io_context& io, const System& system, std::string path,
                           std::string report, Deadline deadline);

} // namespace mkpxerd::netboot
