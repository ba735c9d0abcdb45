// SPDX-License-Identifier: MIT
// BootPlan -> NetworkState, and what starts once the network is up: name resolution for the programs of the
// image, the log server, the renewal of leases.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/net/network.hpp"
#include "mkpxerd/netboot/net/syslog.hpp"

namespace mkpxerd::netboot {

// Errors: those of bring_up_network(), with the firmware that drivers of network cards lack.
Task<ConfiguredNetwork> connect(BootServices services, const BootOptions& options, const BootPlan& plan,
                                ModuleLoader& modules, const Devices& devices);

// resolv.conf and the lease for programs of the image, and the host name of this machine.
Result<void> publish_network(const BootServices& services, const NetworkState& network);

// "logs.example:5514" -> host and port; 514 without a valid port. Pure.
struct LogServer {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const LogServer&) const = default;
};
LogServer parse_log_server(const std::string& text);
// Logs to the host of mkpxerd.log=, or else to those of the lease. An unusable server is a warning.
boost::asio::awaitable<void> start_syslog(BootServices services, Syslog& syslog, const std::string& host,
                                          const NetworkState& network);

std::unique_ptr<Fetcher> make_fetcher(const BootServices& services, const BootConfig& image,
                                      const BootPlan& plan, const NetworkState& network);

// fetcher: none when the network is off; outlives the function.
FetchFunction fetch_with(Fetcher* fetcher);

// Renews the leases in the background, until the hand-over. Changes in the lease of the chosen interface go
// into network and fetcher, which outlive it.
void keep_leases(const BootServices& services, std::vector<HeldLease> leases, NetworkState& network,
                 Fetcher& fetcher);

} // namespace mkpxerd::netboot
