// SPDX-License-Identifier: MIT
// The network part of the init as a command, for tests in network namespaces: brings the network up as ip=
// says, then resolves and fetches. Results are "key=value" lines on stdout, the log goes to stderr; exit 1
// names the code.
//   net_probe [--ip=VALUE]... [--bootif=MAC] [--need=HOST[:PORT]]... [--timeout=SECONDS] [--no-network]
//             [--hold=SECONDS]
//             [--dns=ADDRESS]... [--resolve=NAME]... [--fetch=URL|URL...,DESTINATION]...
//             [--ntp=ADDRESS]... [--ca=FILE]... [--keys=DIRECTORY] [--proxy=URL] [--clock=SECONDS]
//             [--image-time=SECONDS] [--sha256=HEX] [--patience=SECONDS] [--object=ROLE]
// --clock is the time at which the machine believes to be; the real clock is left alone. --hold renews the
// lease until it is lost or says something new, for so long at most.
#include <utility> // before asio: Boost 1.74 uses std::exchange without including it

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>
#include <iostream>
#include <string>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/netboot/fetch/fetcher.hpp"
#include "mkpxerd/netboot/net/lease_keeper.hpp"
#include "mkpxerd/netboot/net/network.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

class StderrLog : public Log {
  public:
    void line(LogLevel level, std::string_view text) override {
        constexpr const char* names[] = {"detail", "step", "warning", "failure"};
        const std::chrono::duration<double> elapsed = Clock::now() - started_;
        std::cerr << fmt::format("{:7.3f} {}: {}\n", elapsed.count(), names[static_cast<int>(level)], text)
                  << std::flush;
    }
    void detail(LogSubject, std::string_view text) override { line(LogLevel::Detail, text); }

  private:
    Clock::time_point started_ = Clock::now();
};

struct Fetch {
    std::vector<std::string> urls;
    std::string destination;
};

struct Orders {
    NetworkRequest request;
    bool network = true;
    std::vector<Ipv4Address> dns;
    std::vector<Ipv4Address> ntp;
    FetcherOptions fetcher;
    std::string sha256;
    std::string object = "object"; // what is fetched, as its signature says it
    std::vector<std::string> names;
    std::vector<Fetch> fetches;
    std::chrono::seconds timeout{30};
    std::chrono::seconds hold{0};
    std::optional<std::int64_t> clock;
    std::int64_t image_time = 0;
};

Result<Fetch> parse_fetch(std::string_view value) {
    const std::size_t comma = value.rfind(',');
    if (comma == std::string_view::npos) return fail("--fetch", "needs URL,DESTINATION");
    Fetch fetch;
    for (const std::string_view url : split(value.substr(0, comma), '|'))
        fetch.urls.emplace_back(url);
    fetch.destination = value.substr(comma + 1);
    return fetch;
}

Result<void> parse_order(std::string_view key, std::string_view value, Orders& orders) {
    if (key == "--ip") {
        MKPXERD_TRY_ASSIGN(IpOption option, parse_ip_option(value));
        orders.request.ip.push_back(std::move(option));
    } else if (key == "--bootif") {
        orders.request.bootif = parse_bootif(value);
    } else if (key == "--need") {
        const auto host = HostPort::parse(value, 80);
        if (!host) return fail("--need", "needs HOST[:PORT]");
        orders.request.first_hosts.push_back(*host);
    } else if (key == "--timeout") {
        orders.timeout = std::chrono::seconds(parse_number(value).value_or(30));
    } else if (key == "--patience") {
        orders.fetcher.patience = std::chrono::seconds(parse_number(value).value_or(10));
    } else if (key == "--no-network") {
        orders.network = false;
    } else if (key == "--dns") {
        orders.dns.push_back(Ipv4Address::parse(value).value_or(Ipv4Address{}));
    } else if (key == "--ntp") {
        orders.ntp.push_back(Ipv4Address::parse(value).value_or(Ipv4Address{}));
    } else if (key == "--ca") {
        orders.fetcher.ca_files.emplace_back(value);
    } else if (key == "--keys") {
        orders.fetcher.key_directory = value;
    } else if (key == "--proxy") {
        MKPXERD_TRY_ASSIGN(orders.fetcher.proxy, parse_url(value));
    } else if (key == "--sha256") {
        orders.sha256 = value;
    } else if (key == "--object") {
        orders.object = value;
    } else if (key == "--clock") {
        orders.clock = static_cast<std::int64_t>(parse_number(value).value_or(0));
    } else if (key == "--image-time") {
        orders.image_time = static_cast<std::int64_t>(parse_number(value).value_or(0));
    } else if (key == "--hold") {
        orders.hold = std::chrono::seconds(parse_number(value).value_or(0));
    } else if (key == "--resolve") {
        orders.names.emplace_back(value);
    } else if (key == "--fetch") {
        MKPXERD_TRY_ASSIGN(Fetch fetch, parse_fetch(value));
        orders.fetches.push_back(std::move(fetch));
    } else {
        return fail(std::string(key), "unknown option");
    }
    return {};
}

void print_state(const NetworkState& state, double seconds) {
    std::cout << fmt::format(
        "up={}\naddress={}/{}\ngateway={}\nseconds={:.3f}\nmtu={}\nhostname={}\ndomain={}\n", state.interface,
        state.address.text(), state.prefix, state.gateway ? state.gateway->text() : "", seconds, state.mtu,
        state.hostname, state.domain);
    for (const Ipv4Address dns : state.dns)
        std::cout << "dns=" << dns.text() << '\n';
    for (const Ipv4Address ntp : state.ntp)
        std::cout << "ntp=" << ntp.text() << '\n';
    for (const Ipv4Address log : state.log_servers)
        std::cout << "log_server=" << log.text() << '\n';
    for (const std::string& domain : state.search)
        std::cout << "search=" << domain << '\n';
    for (const Route& route : state.routes)
        std::cout << fmt::format("route={}/{} by {}\n", route.destination.text(), route.prefix,
                                 route.gateway ? route.gateway->text() : "link");
    for (const NicReport& nic : state.nics)
        std::cout << fmt::format("nic={} chosen={} offers={} reach={}\n", nic.interface, nic.chosen,
                                 nic.offers, nic.reach);
    std::cout << std::flush;
}

boost::asio::awaitable<void> keep(boost::asio::io_context& io, Log& log, HeldLease lease, Notifier& news) {
    LeaseKeeper keeper(io, log, std::move(lease));
    const std::optional<NetworkState> changed = co_await keeper.next_change();
    std::cout << "loss=" << keeper.loss() << '\n';
    if (changed) {
        std::cout << "renewed\n";
        print_state(*changed, 0);
    }
    news.notify();
}

boost::asio::awaitable<void> hold(boost::asio::io_context& io, Log& log, const ConfiguredNetwork& network,
                                  std::chrono::seconds longest) {
    Notifier news(io);
    TaskGroup keepers(io);
    for (const HeldLease& lease : network.leases)
        keepers.spawn(keep(io, log, lease, news));
    co_await news.wait(Clock::now() + longest);
    std::cout << std::flush;
    io.stop();
}

Task<void> obey(boost::asio::io_context& io, Log& log, const Orders& orders) {
    NetworkState state;
    const Clock::time_point start = Clock::now();
    if (orders.network) {
        MKPXERD_CO_TRY_ASSIGN(const ConfiguredNetwork network,
                              co_await bring_up_network(io, log, orders.request));
        state = network.state;
        print_state(state, std::chrono::duration<double>(Clock::now() - start).count());
        if (orders.hold.count() > 0) co_await hold(io, log, network, orders.hold);
    }
    state.dns.insert(state.dns.end(), orders.dns.begin(), orders.dns.end());
    state.ntp.insert(state.ntp.end(), orders.ntp.begin(), orders.ntp.end());
    for (const std::string& name : orders.names) {
        Resolver resolver(io, dns_config(state));
        const Clock::time_point asked = Clock::now();
        MKPXERD_CO_TRY_ASSIGN(const auto addresses,
                              co_await resolver.resolve(name, start + orders.timeout, {}));
        for (const auto& address : addresses)
            std::cout << fmt::format("resolved={} {} {:.3f}\n", name, address.to_string(),
                                     std::chrono::duration<double>(Clock::now() - asked).count());
    }
    for (const Fetch& fetch : orders.fetches) {
        Fetcher fetcher(io, log, state, orders.fetcher);
        std::vector<Url> urls;
        for (const std::string& text : fetch.urls) {
            MKPXERD_CO_TRY_ASSIGN(Url url, parse_url(text));
            urls.push_back(std::move(url));
        }
        const FetchRequest request{orders.object, std::move(urls), fetch.destination, start + orders.timeout,
                                   orders.sha256};
        MKPXERD_CO_TRY_ASSIGN(const FetchReport report, co_await fetcher.fetch(request));
        std::cout << fmt::format("fetched={}\nbytes={}\nattempts={}\n", report.url, report.bytes,
                                 report.attempts);
    }
    co_return Result<void>{};
}

void print_failure(const Error& error) {
    for (const Problem& problem : error.problems())
        std::cout << fmt::format("failed={} {}\n", code_text(problem.code), to_text(problem));
}

} // namespace

int main(int argc, char** argv) {
    Orders orders;
    orders.fetcher.ca_files.clear(); // nothing of this machine
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const std::size_t equals = argument.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : argument.substr(equals + 1);
        if (const Result<void> parsed = parse_order(argument.substr(0, equals), value, orders); !parsed) {
            if (parsed.error().first().code != Failure::None) { // the plan would end the boot with it
                print_failure(parsed.error());
                return 1;
            }
            std::cerr << parsed.error().text() << '\n';
            return 2;
        }
    }
    if (orders.clock)
        orders.fetcher.time = std::make_shared<TimeOfDay>(
            [start = *orders.clock] { return start; }, [](std::int64_t) { return false; }, orders.image_time);
    orders.request.deadline = Clock::now() + orders.timeout;
    boost::asio::io_context io(1);
    StderrLog log;
    int status = 0;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            const Result<void> result = co_await obey(io, log, orders);
            if (result) co_return;
            status = 1;
            print_failure(result.error());
        },
        boost::asio::detached);
    io.run();
    return status;
}
