// SPDX-License-Identifier: MIT
// The MTU first, because some drivers reset the link for it; then the address, and the routes that depend on
// it.
#include "mkpxerd/netboot/net/interface_setup.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mkpxerd::netboot {
namespace {

bool is_reachable(const NetworkState& state, Ipv4Address gateway) {
    if (Ipv4Subnet{state.address, state.prefix}.contains(gateway)) return true;
    return std::any_of(state.routes.begin(), state.routes.end(), [gateway](const Route& route) {
        return !route.gateway && Ipv4Subnet{route.destination, route.prefix}.contains(gateway);
    });
}

RouteRequest planned_route(const NetworkState& state, const Route& route, std::uint32_t metric) {
    RouteRequest request;
    request.destination = route.destination;
    request.prefix = route.prefix;
    request.gateway = route.gateway;
    request.metric = metric;
    request.onlink = route.gateway && !is_reachable(state, *route.gateway);
    return request;
}

// A device that does not support this MTU keeps its own.
void apply_mtu(Rtnetlink& netlink, const Link& link, const NetworkState& state) {
    if (const std::optional<unsigned> mtu = planned_mtu(link, state.mtu))
        static_cast<void>(netlink.set_mtu(link.index, *mtu).has_value());
}

Result<void> about(const Link& link, Result<void> result) {
    if (result) return result;
    const Problem& problem = result.error().first();
    return fail(link.name, fmt::format("{}: {}", problem.object, problem.text), {}, Failure::CannotConfigure);
}

} // namespace

std::vector<RouteRequest> planned_routes(const NetworkState& state, std::uint32_t metric) {
    std::vector<RouteRequest> requests;
    for (const Route& route : state.routes)
        requests.push_back(planned_route(state, route, metric));
    // On-link destinations first, because they may contain gateways.
    std::stable_partition(requests.begin(), requests.end(),
                          [](const RouteRequest& route) { return !route.gateway; });
    if (state.gateway) requests.push_back(planned_route(state, {Ipv4Address{0}, 0, state.gateway}, metric));
    return requests;
}

std::optional<unsigned> planned_mtu(const Link& link, unsigned wanted) {
    if (wanted == 0) return std::nullopt;
    const unsigned mtu = link.max_mtu != 0 ? std::min(wanted, link.max_mtu) : wanted;
    return mtu == link.mtu ? std::nullopt : std::optional(mtu);
}

std::uint32_t route_metric(const Link& link) {
    constexpr std::uint32_t base = 1000;
    return base + static_cast<std::uint32_t>(link.index);
}

Result<void> apply_setup(Rtnetlink& netlink, Log& log, const Link& link, NetworkState& state,
                         std::uint32_t metric) {
    apply_mtu(netlink, link, state);
    MKPXERD_TRY(about(link, netlink.flush(link.index)));
    MKPXERD_TRY(about(link, netlink.add_address(link.index, state.address, state.prefix)));
    for (const RouteRequest& route : planned_routes(state, metric)) {
        Result<void> added = about(link, netlink.add_route(link.index, route));
        if (added) continue;
        if (route.prefix == 0 && !state.dynamic) return added;
        log.warning(added.error()); // a lease works without one of its routes
        if (route.prefix == 0 && state.gateway == route.gateway) state.gateway.reset();
    }
    return {};
}

void apply_renewal(Rtnetlink& netlink, Log& log, const Link& link, const NetworkState& before,
                   const NetworkState& now) {
    apply_mtu(netlink, link, now);
    const std::vector<RouteRequest> routes = planned_routes(now, route_metric(link));
    for (const RouteRequest& route : routes)
        if (const Result<void> added = about(link, netlink.add_route(link.index, route)); !added)
            log.warning(added.error());
    for (const RouteRequest& route : planned_routes(before, route_metric(link)))
        if (route.prefix != 0 && std::find(routes.begin(), routes.end(), route) == routes.end())
            static_cast<void>(
                netlink.remove_route(link.index, route).has_value()); // the kernel may have refused it
}

void undo_setup(Rtnetlink& netlink, const Link& link) {
    static_cast<void>(netlink.flush(link.index).has_value());
    static_cast<void>(netlink.set_up(link.index, false).has_value());
}

} // namespace mkpxerd::netboot
