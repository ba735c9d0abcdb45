// SPDX-License-Identifier: MIT
// Opens what the race needs and runs it. The monitor is opened first, so that no interface appears unseen.
#include "mkpxerd/netboot/net/network.hpp"

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/nic_race.hpp"

namespace mkpxerd::netboot {

Task<ConfiguredNetwork> bring_up_network(boost::asio::io_context& io, Log& log, NetworkRequest request) {
    if (NetworkPlan(request).wants_nothing())
        co_return fail("ip=off", "the network is switched off, but something needs it", "give ip=dhcp",
                       Failure::NetworkOff);
    MKPXERD_CO_TRY_ASSIGN(LinkMonitor monitor, LinkMonitor::open(io));
    MKPXERD_CO_TRY_ASSIGN(Rtnetlink netlink, Rtnetlink::open());
    NicRace race(io, log, request, std::move(netlink), std::move(monitor));
    MKPXERD_CO_TRY_ASSIGN(NetworkState state, co_await race.run());
    co_return ConfiguredNetwork{std::move(state), race.take_leases()};
}

} // namespace mkpxerd::netboot
