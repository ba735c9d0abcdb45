// SPDX-License-Identifier: MIT
// Without option 121 the first router is the gateway.
#include "mkpxerd/netboot/net/lease.hpp"

namespace mkpxerd::netboot {

std::optional<LeaseTimes> lease_times(const DhcpReply& reply) {
    using std::chrono::milliseconds;
    constexpr std::uint32_t endless = 0xffffffff;
    if (reply.lease_seconds == 0 || reply.lease_seconds == endless) return std::nullopt;
    const milliseconds end = std::chrono::seconds(reply.lease_seconds);
    const LeaseTimes usual{.renew = end / 2, .rebind = end * 7 / 8, .end = end};
    LeaseTimes times = usual;
    if (reply.renew_seconds != 0) times.renew = std::chrono::seconds(reply.renew_seconds);
    if (reply.rebind_seconds != 0) times.rebind = std::chrono::seconds(reply.rebind_seconds);
    const bool in_order = times.renew < times.rebind && times.rebind < times.end;
    return in_order ? times : usual;
}

NetworkState lease_state(const DhcpReply& reply) {
    NetworkState state;
    state.address = reply.address;
    state.prefix = reply.prefix;
    state.dns = reply.dns;
    state.ntp = reply.ntp;
    state.log_servers = reply.log_servers;
    state.domain = reply.domain;
    state.search = reply.search;
    state.hostname = reply.hostname;
    state.mtu = reply.mtu;
    state.dynamic = true;
    state.dhcp_server = reply.server_address();
    state.lease_seconds = reply.lease_seconds;
    if (!reply.routes) {
        if (!reply.gateways.empty()) state.gateway = reply.gateways.front();
        return state;
    }
    for (const Route& route : *reply.routes) {
        if (route.prefix == 0 && route.gateway && !state.gateway)
            state.gateway = route.gateway;
        else
            state.routes.push_back(route);
    }
    return state;
}

} // namespace mkpxerd::netboot
