// SPDX-License-Identifier: MIT
// The error of a race without a winner: why, and then a line for each interface. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/net/network_plan.hpp"

namespace mkpxerd::netboot {

struct FailedContender {
    NicReport report;
    std::optional<Error> error = {};       // why it has no address
    std::optional<Error> raise_error = {}; // the driver refused to bring the interface up
    bool unsupported = false;              // error of unsupported()
};

// Reports the error of the interface that came closest to an address, by the rank in failure_codes: it had an
// address (7), the server refused it (6), or did not acknowledge it (5), or sent unreadable replies (4), or
// did not reply (3), the kernel cannot send (2), DHCP is not supported (1). If no interface has a carrier,
// that is the reason, unless a driver refused to bring its interface up. seen: every interface of the
// machine. contenders: those of them that the plan lets take part.
Error race_failure(const NetworkPlan& plan, const std::vector<Link>& seen,
                   const std::vector<FailedContender>& contenders);

// "e1000e 52:54:00:aa:bb:cc, carrier, 5 DISCOVERs, 0 OFFERs, no address"
std::string to_line(const NicReport& nic);

} // namespace mkpxerd::netboot
