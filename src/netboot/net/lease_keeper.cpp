// SPDX-License-Identifier: MIT
// An interface with an address can use a UDP socket. It is open only during a renewal, so that the DHCP
// client of the new system finds port 68 free.
#include "mkpxerd/netboot/net/lease_keeper.hpp"

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/interface_setup.hpp"
#include "mkpxerd/netboot/net/network_plan.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using namespace std::chrono_literals;

constexpr Ipv4Address everybody{0xffffffff};
constexpr std::chrono::milliseconds longest_pause = 60s; // between requests, RFC 2131 4.4.5
constexpr std::chrono::milliseconds shortest_pause = 1s;

std::string texts(const std::vector<Ipv4Address>& addresses) {
    std::vector<std::string> out;
    for (const Ipv4Address address : addresses)
        out.push_back(address.text());
    return out.empty() ? "none" : fmt::format("{}", fmt::join(out, " "));
}

// A socket on port 68 of the interface.
Result<udp::socket> open_socket(asio::io_context& io, const std::string& interface) {
    udp::socket socket(io);
    boost::system::error_code error;
    socket.open(udp::v4(), error);
    if (!error) socket.set_option(udp::socket::reuse_address(true), error);
    if (!error) socket.set_option(asio::socket_base::broadcast(true), error);
    if (!error && ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                               static_cast<socklen_t>(interface.size())) != 0)
        error.assign(errno, boost::system::system_category());
    if (!error) socket.bind({asio::ip::address_v4::any(), dhcp_client_port}, error);
    if (error) return fail(interface, fmt::format("cannot open a socket for DHCP: {}", error.message()));
    return socket;
}

} // namespace

LeaseKeeper::LeaseKeeper(asio::io_context& io, Log& log, HeldLease lease)
    : io_(io), log_(log), lease_(std::move(lease)) {}

asio::awaitable<std::optional<NetworkState>> LeaseKeeper::next_change() {
    while (loss_.empty()) {
        const std::optional<LeaseTimes> times = lease_times(lease_.terms);
        if (!times) co_return std::nullopt;
        co_await sleep_until(io_, lease_.since + times->renew);
        const NetworkState before = state();
        if (co_await renew(*times) != Answer::Ack) continue;
        NetworkState now = state();
        const std::string changes = changes_text(before, now);
        if (changes.empty()) continue;
        log_.warning(fmt::format("{}: the renewed lease has {}", lease_.interface, changes));
        if (now.prefix != before.prefix)
            log_.warning(fmt::format("{}: the mask stays /{} until the new system changes it",
                                     lease_.interface, std::exchange(now.prefix, before.prefix)));
        if (auto netlink = Rtnetlink::open()) {
            const auto links = netlink->links();
            for (const Link& link : links.value_or(std::vector<Link>()))
                if (link.name == lease_.interface) apply_renewal(*netlink, log_, link, before, now);
        }
        co_return now;
    }
    co_return std::nullopt;
}

// One renewal: until a server replies, or the lease has ended.
asio::awaitable<LeaseKeeper::Answer> LeaseKeeper::renew(const LeaseTimes& times) {
    const std::uint32_t xid = random_number();
    const Deadline rebind = lease_.since + times.rebind;
    const Deadline end = lease_.since + times.end;
    for (Clock::time_point now = Clock::now(); now < end; now = Clock::now()) {
        const bool from_all = now >= rebind || lease_.terms.server_address().is_unspecified();
        const Deadline limit = now < rebind ? rebind : end;
        // Half of the remaining time, as in the RFC, but at least once a minute.
        const auto pause = std::clamp<Clock::duration>((limit - now) / 2, shortest_pause, longest_pause);
        const std::optional<DhcpReply> reply = co_await ask(
            from_all ? everybody : lease_.terms.server_address(), xid, std::min(limit, now + pause));
        if (!reply) continue;
        if (reply->type == DhcpType::Nak) {
            lose(fmt::format("{} withdrew it ({})", reply->server_address().text(),
                             reply->message.empty() ? "no reason given" : reply->message));
            co_return Answer::Nak;
        }
        lease_.terms = *reply;
        lease_.since = now;
        log_.detail(LogSubject::Dhcp,
                    fmt::format("{}: {} renews {} for {} s", lease_.interface, reply->server_address().text(),
                                reply->address.text(), reply->lease_seconds));
        co_return Answer::Ack;
    }
    lose(fmt::format("no server renewed it within {} s", lease_.terms.lease_seconds));
    co_return Answer::None;
}

// One request and its reply, if it comes in time. Only the server of the lease may send a NAK.
asio::awaitable<std::optional<DhcpReply>> LeaseKeeper::ask(Ipv4Address server, std::uint32_t xid,
                                                           Deadline until) {
    Result<udp::socket> socket = open_socket(io_, lease_.interface);
    if (!socket) {
        log_.detail(LogSubject::Dhcp, socket.error().text());
        co_await sleep_until(io_, until);
        co_return std::nullopt;
    }
    DhcpQuery query;
    query.type = DhcpType::Request;
    query.xid = xid;
    query.mac = lease_.mac;
    query.hostname = lease_.option.hostname;
    query.client = lease_.terms.address;
    const std::vector<std::uint8_t> message = encode_dhcp(query);
    boost::system::error_code ignored; // a request that cannot be sent counts as lost
    socket->send_to(asio::buffer(message), {asio::ip::address_v4(server.value), dhcp_server_port}, 0,
                    ignored);

    Interrupt interrupt(io_, until, {}, [&socket] {
        boost::system::error_code closed;
        socket->close(closed);
    });
    std::vector<std::uint8_t> buffer(std::size_t{4} << 10);
    while (!interrupt.fired()) {
        udp::endpoint from;
        boost::system::error_code error; // one server may refuse while others reply
        const std::size_t length = co_await socket->async_receive_from(
            asio::buffer(buffer), from, asio::redirect_error(asio::use_awaitable, error));
        if (error) continue;
        Result<DhcpReply> reply = parse_dhcp(std::span<const std::uint8_t>(buffer).first(length));
        if (!reply || reply->xid != xid || reply->mac != lease_.mac) continue;
        reply->source = {from.address().to_v4().to_uint()};
        const bool renewed = reply->type == DhcpType::Ack && reply->address == lease_.terms.address;
        if (renewed || (reply->type == DhcpType::Nak && same_server(*reply, lease_.terms)))
            co_return std::move(*reply);
    }
    co_return std::nullopt;
}

NetworkState LeaseKeeper::state() const {
    NetworkState state = lease_state(lease_.terms);
    overlay(lease_.option, state);
    state.interface = lease_.interface;
    state.mac = lease_.mac;
    return state;
}

void LeaseKeeper::lose(std::string why) {
    loss_ = std::move(why);
    log_.warning(Error(lease_.interface,
                       fmt::format("the lease of {} is lost: {}", lease_.terms.address.text(), loss_),
                       "the address stays in use, although another machine may get it", Failure::LeaseLost));
}

std::string changes_text(const NetworkState& before, const NetworkState& now) {
    std::vector<std::string> changes;
    const auto add = [&changes](bool differs, std::string text) {
        if (differs) changes.push_back(std::move(text));
    };
    add(now.prefix != before.prefix, fmt::format("mask /{}", now.prefix));
    add(now.gateway != before.gateway,
        fmt::format("gateway {}", now.gateway ? now.gateway->text() : std::string("none")));
    add(now.routes != before.routes, fmt::format("{} classless routes", now.routes.size()));
    add(now.mtu != before.mtu, fmt::format("MTU {}", now.mtu));
    add(now.dns != before.dns, fmt::format("DNS {}", texts(now.dns)));
    add(now.ntp != before.ntp, fmt::format("NTP {}", texts(now.ntp)));
    add(now.domain != before.domain || now.search != before.search, fmt::format("domain {}", now.domain));
    add(now.hostname != before.hostname, fmt::format("host name {}", now.hostname));
    return fmt::format("{}", fmt::join(changes, ", "));
}

} // namespace mkpxerd::netboot
