// SPDX-License-Identifier: MIT
// Sockets bound to an interface use only its routes, so that several interfaces are probed at once.
#include "mkpxerd/netboot/net/reach.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/net/tcp_connect.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// After three unanswered ARP requests, a second apart, the kernel reports EHOSTUNREACH. Longer silence means
// that the host answers ARP.
constexpr auto longest_connect = 3500ms;

bool on_subnet(const NetworkState& state, const asio::ip::address& address) {
    if (!address.is_v4() || state.prefix == 0) return false;
    return Ipv4Subnet{state.address, state.prefix}.contains({address.to_v4().to_uint()});
}

// For a socket that is bound to an interface, the kernel treats an address without a route as on-link. The
// connections of the boot are not bound.
bool has_route(const NetworkState& state, const asio::ip::address& address) {
    if (!address.is_v4() || state.gateway || on_subnet(state, address)) return true;
    const Ipv4Address target{address.to_v4().to_uint()};
    return std::ranges::any_of(state.routes, [target](const Route& route) {
        return Ipv4Subnet{route.destination, route.prefix}.contains(target);
    });
}

asio::awaitable<ReachVerdict> probe_address(asio::io_context& io, const NetworkState& state,
                                            asio::ip::address address, std::uint16_t port, Deadline deadline,
                                            std::stop_token stop) {
    const std::string name = address.to_string();
    if (!has_route(state, address)) co_return ReachVerdict{false, fmt::format("{}: no route", name)};
    const TcpAttempt attempt =
        co_await connect_socket(io, {address, port}, std::min(deadline, Clock::now() + longest_connect),
                                {.interface = state.interface}, stop);
    const boost::system::error_code& error = attempt.error;
    if (!error || error == asio::error::connection_refused || error == asio::error::connection_reset)
        co_return ReachVerdict{true, fmt::format("{} answers", name)};
    const bool silent = error == asio::error::timed_out;
    if (silent && Clock::now() < deadline && on_subnet(state, address))
        co_return ReachVerdict{true, fmt::format("{} answers ARP", name)};
    co_return ReachVerdict{false, fmt::format("{}: {}", name, silent ? "no answer" : error.message())};
}

} // namespace

asio::awaitable<ReachVerdict> probe_reach(asio::io_context& io, NetworkState state,
                                          std::vector<HostPort> hosts, Deadline deadline,
                                          std::stop_token stop) {
    if (hosts.empty() && !state.gateway) co_return ReachVerdict{true, "nothing to reach"};
    if (hosts.empty()) hosts.push_back({.host = state.gateway->text(), .port = 80});
    DnsConfig dns = dns_config(state);
    dns.interface = state.interface;
    Resolver resolver(io, std::move(dns));
    std::vector<std::string> failures; // of all targets: the last one may tell least
    for (const HostPort& target : hosts) {
        Result<std::vector<asio::ip::address>> addresses =
            co_await resolver.resolve(target.host, deadline, stop);
        if (!addresses) {
            failures.push_back(addresses.error().text());
            continue;
        }
        for (const asio::ip::address& address : *addresses) {
            ReachVerdict verdict = co_await probe_address(io, state, address, target.port, deadline, stop);
            if (verdict.reached || stop.stop_requested()) co_return verdict;
            failures.push_back(std::move(verdict.text));
        }
    }
    co_return ReachVerdict{false, fmt::format("{}", fmt::join(failures, ", "))};
}

} // namespace mkpxerd::netboot
