// SPDX-License-Identifier: MIT
// A DHCP reply as the terms of a lease: when it must be renewed, and the configuration that it gives. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "mkpxerd/netboot/net/dhcp_message.hpp"

namespace mkpxerd::netboot {

// When to renew a lease (T1), when to ask every server (T2), and when it ends; since the request for it.
struct LeaseTimes {
    std::chrono::milliseconds renew;
    std::chrono::milliseconds rebind;
    std::chrono::milliseconds end;
    bool operator==(const LeaseTimes&) const = default;
};
// RFC 2131 4.4.5: options 58 and 59 if they are in order, or else half and seven eighths of the duration.
// nullopt: the lease does not end.
std::optional<LeaseTimes> lease_times(const DhcpReply& reply);

// The configuration of an interface. The default route of option 121 becomes the gateway (RFC 3442).
NetworkState lease_state(const DhcpReply& reply);

} // namespace mkpxerd::netboot
