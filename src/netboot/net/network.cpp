// SPDX-License-Identifier: MIT
// Opens what the race needs and runs it. The monitor is opened first, so that no interface appears unseen.
#include "mkpxerd/netboot/net/network.hpp"

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/nic_race.hpp"

namespace mkpxerd::netboot {

Network::Network(boost::asio::io_context& io, Log& log) : io_(io), log_(log) {}

Task<NetworkState> Network::bring_up(const NetworkRequest& request) {
    if (NetworkPlan(request).wants_nothing())
        co_return fail("ip=off", "the network is switched off, but something needs it", "give ip=dhcp",
                       Failure::NetworkOff);
    MKPXERD_CO_TRY_ASSIGN(LinkMonitor monitor, LinkMonitor::open(io_));
    MKPXERD_CO_TRY_ASSIGN(Rtnetlink netlink, Rtnetlink::open());
    NicRace race(io_, log_, request, std::move(netlink), std::move(monitor));
    auto state = co_await race.run();
    leases_ = race.take_leases();
    co_return state;
}

} // namespace mkpxerd::netboot
