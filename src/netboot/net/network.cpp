// SPDX-License-Identifier: MIT
// The monitor opens first, so that no interface appears unnoticed.
#include "mkpxerd/netboot/net/network.hpp"

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/nic_race.hpp"

namespace mkpxerd::netboot {

Task<ConfiguredNetwork> bring_up_network(boost::asio::io_context& io, Log& log, NetworkRequest request) {
    if (NetworkPlan(request).wants_nothing())
        co_return fail("ip=off", "the network is switched off, but the boot needs it", "give ip=dhcp",
                       Failure::NetworkOff);
    MKPXERD_CO_TRY_ASSIGN(LinkMonitor monitor, LinkMonitor::open(io));
    MKPXERD_CO_TRY_ASSIGN(Rtnetlink netlink, Rtnetlink::open());
    NicRace race(io, log, std::move(request), std::move(netlink), std::move(monitor));
    co_return co_await race.run();
}

} // namespace mkpxerd::netboot
