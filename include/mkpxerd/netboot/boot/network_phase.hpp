// SPDX-License-Identifier: MIT
// BootPlan -> NetworkState, and what starts as soon as there is a network: name resolution for the programs
// of the image, the log server, the renewal of leases.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/net/network.hpp"
#include "mkpxerd/netboot/net/syslog.hpp"

namespace mkpxerd::netboot {

// Errors: those of bring_up_network(), with the firmware that the drivers of cards miss.
Task<ConfiguredNetwork> connect(BootServices services, const BootOptions& options, const BootPlan& plan,
                                ModuleLoader& modules, const Devices& devices);

// resolv.conf and the lease for programs of the image, and the host name of this machine.
Result<void> publish_network(const BootServices& services, const NetworkState& network);

// "logs.example:5514" -> host and port; 514 without a port that is one. Pure.
struct LogServer {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const LogServer&) const = default;
};
LogServer parse_log_server(const std::string& text);
// To the host of mkpxerd.log=, or else to those that the lease names. A server that cannot be used is a
// warning.
boost::asio::awaitable<void> start_syslog(BootServices services, Syslog& syslog, const std::string& host,
                                          const NetworkState& network);

std::unique_ptr<Fetcher> make_fetcher(const BootServices& services, const BootConfig& image,
                                      const BootPlan& plan, const NetworkState& network);

// fetcher: none when the network is off; outlives the function.
FetchFunction fetch_with(Fetcher* fetcher);

// Renews the leases in the background, until the hand-over. What changes in the lease of the network's own
// interface goes into network and fetcher, which outlive it.
void keep_leases(const BootServices& services, std::vector<HeldLease> leases, NetworkState& network,
                 Fetcher& fetcher);

} // namespace mkpxerd::netboot
