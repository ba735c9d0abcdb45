// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/network_phase.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/netboot/drivers/missing_firmware.hpp"
#include "mkpxerd/netboot/net/lease_files.hpp"
#include "mkpxerd/netboot/net/lease_keeper.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr std::uint16_t syslog_port = 514;
constexpr std::size_t longest_host_name = 64; // __NEW_UTS_LEN

// DHCP may give a full domain name, which is too long for the kernel.
std::string kernel_host_name(const std::string& name) {
    return name.size() <= longest_host_name ? name
                                            : name.substr(0, std::min(name.find('.'), longest_host_name));
}

bool is_without_card(const Problem& problem) {
    return problem.code == Failure::NoNetworkCard || problem.code == Failure::NoInterface;
}

// A driver is known to be missing only when all have been tried.
Error while_drivers_load(const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems)
        if (is_without_card(problem))
            problem.hint = "drivers were still loading: mkpxerd.timeout= gives them more time";
    return Error(std::move(problems));
}

// The driver that has not returned is the failure if no card has appeared; otherwise it may be another's.
Error with_unreturned(const Error& error, Problem unreturned) {
    std::vector<Problem> problems = error.problems();
    if (!is_without_card(problems.front())) unreturned.code = Failure::None;
    problems.insert(is_without_card(problems.front()) ? problems.begin() : problems.end(),
                    std::move(unreturned));
    return Error(std::move(problems));
}

asio::awaitable<void> keep_lease(BootServices services, HeldLease lease, NetworkState& network,
                                 Fetcher& fetcher) {
    const bool is_own = lease.interface == network.interface;
    LeaseKeeper keeper(services.io, services.log, std::move(lease));
    while (auto now = co_await keeper.next_change()) {
        if (!is_own) continue;
        now->nics = std::move(network.nics);
        network = std::move(*now);
        fetcher.use(network);
        if (const auto written = write_lease_files(services.system, network); !written)
            services.log.warning(written.error());
    }
    if (is_own) network.lease_loss = keeper.loss();
}

} // namespace

Task<ConfiguredNetwork> connect(BootServices services, const BootOptions& options, const BootPlan& plan,
                                ModuleLoader& modules, const Devices& devices) {
    NetworkRequest request;
    request.ip = plan.ip;
    if (!options.bootif.empty()) {
        request.bootif = parse_bootif(options.bootif);
        if (!request.bootif)
            services.log.warning(fmt::format("BOOTIF={}: is not a hardware address", options.bootif));
    }
    request.first_hosts = plan.hosts;
    request.deadline = services.time.deadline();
    if (modules.knows("af_packet"))
        if (const auto loaded = co_await modules.load("af_packet", {}, Urgency::Device, request.deadline);
            !loaded)
            services.log.warning(loaded.error());
    auto up = co_await bring_up_network(services.io, services.log, std::move(request));
    if (up) co_return up;
    Error error = with_missing_firmware(std::move(up).error(), read_missing_firmware(services.system));
    if (const auto unreturned = modules.unreturned(DeviceKind::Network))
        co_return fail(with_unreturned(error, *unreturned));
    co_return fail(devices.coldplugged() ? std::move(error) : while_drivers_load(error));
}

Result<void> publish_network(const BootServices& services, const NetworkState& network) {
    System& system = services.system;
    MKPXERD_TRY(write_lease_files(system, network));
    if (!network.hostname.empty())
        if (const auto named = system.set_hostname(kernel_host_name(network.hostname)); !named)
            services.log.warning(named.error());
    return {};
}

LogServer parse_log_server(const std::string& text) {
    const auto parsed = HostPort::parse(text, syslog_port);
    return parsed ? LogServer{parsed->host, parsed->port} : LogServer{text, syslog_port};
}

asio::awaitable<void> start_syslog(BootServices services, Syslog& syslog, const std::string& host,
                                   const NetworkState& network) {
    std::vector<asio::ip::address> servers;
    if (host.empty())
        for (const Ipv4Address server : network.log_servers)
            servers.emplace_back(asio::ip::address_v4(server.value));
    if (host.empty() && servers.empty()) co_return;
    const LogServer named = parse_log_server(host);
    if (!named.host.empty()) {
        Resolver resolver(services.io, dns_config(network));
        auto resolved = co_await resolver.resolve(named.host, services.time.deadline(), {});
        if (!resolved) {
            services.log.warning("syslog", resolved.error());
            co_return;
        }
        servers = std::move(*resolved);
    }
    const std::string own_name = network.hostname.empty() ? network.address.text() : network.hostname;
    if (const auto started = syslog.start(services.log, std::move(servers), named.port, own_name); !started)
        services.log.warning("syslog", started.error());
}

std::unique_ptr<Fetcher> make_fetcher(const BootServices& services, const BootConfig& image,
                                      const BootPlan& plan, const NetworkState& network) {
    FetcherOptions fetcher;
    fetcher.key_directory = services.system.host(key_directory);
    fetcher.proxy = plan.proxy;
    fetcher.time = std::make_shared<TimeOfDay>(image.epoch);
    return std::make_unique<Fetcher>(services.io, services.log, network, std::move(fetcher));
}

FetchFunction fetch_with(Fetcher* fetcher) {
    if (fetcher == nullptr) return {};
    return [fetcher](FetchRequest request) -> Task<FetchReport> {
        co_return co_await fetcher->fetch(request); // which refers to it
    };
}

void keep_leases(const BootServices& services, std::vector<HeldLease> leases, NetworkState& network,
                 Fetcher& fetcher) {
    for (HeldLease& lease : leases)
        services.background.spawn(keep_lease(services, std::move(lease), network, fetcher));
}

} // namespace mkpxerd::netboot
