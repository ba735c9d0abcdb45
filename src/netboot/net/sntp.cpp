// SPDX-License-Identifier: MIT
// One socket for all servers. The first reply to the cookie wins.
#include "mkpxerd/netboot/net/sntp.hpp"

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/sntp_message.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::udp;

constexpr std::uint16_t ntp_port = 123;
constexpr auto between_requests = 1s;

struct TimeServer {
    Ipv4Address address;
    boost::system::error_code error = {}; // of the last request to it
};

asio::awaitable<void> send_requests(udp::socket& socket, std::vector<TimeServer>& servers,
                                    const SntpCookie& cookie) {
    const std::vector<std::uint8_t> request = encode_sntp(cookie);
    for (TimeServer& server : servers) {
        const udp::endpoint endpoint(asio::ip::address_v4(server.address.value), ntp_port);
        co_await socket.async_send_to(asio::buffer(request), endpoint,
                                      asio::redirect_error(asio::use_awaitable, server.error));
    }
}

// "10.0.0.1, 10.0.0.2 (Network is unreachable)"
std::string list_servers(const std::vector<TimeServer>& servers) {
    std::string text;
    for (const TimeServer& server : servers) {
        if (!text.empty()) text += ", ";
        text += server.address.text();
        if (server.error) text += fmt::format(" ({})", server.error.message());
    }
    return text;
}

// The next reply before the time is over.
asio::awaitable<std::optional<NetworkTime>> await_reply(asio::io_context& io, udp::socket& socket,
                                                        const SntpCookie& cookie, std::int64_t image_time,
                                                        Deadline until) {
    Interrupt interrupt(io, until, {}, [&socket] {
        boost::system::error_code ignored;
        socket.cancel(ignored);
    });
    while (!interrupt.fired()) {
        std::array<std::uint8_t, 512> buffer{};
        udp::endpoint from;
        boost::system::error_code error; // one server may refuse while others reply
        const std::size_t length = co_await socket.async_receive_from(
            asio::buffer(buffer), from, asio::redirect_error(asio::use_awaitable, error));
        if (error) continue;
        const std::optional<std::int64_t> seconds =
            parse_sntp(std::span<const std::uint8_t>(buffer).first(length), cookie, image_time);
        if (seconds) co_return NetworkTime{*seconds, {from.address().to_v4().to_uint()}};
    }
    co_return std::nullopt;
}

} // namespace

Task<NetworkTime> ask_time(asio::io_context& io, std::vector<Ipv4Address> addresses, std::int64_t image_time,
                           Deadline deadline) {
    std::vector<TimeServer> servers;
    for (const Ipv4Address address : addresses)
        servers.push_back({.address = address});
    SntpCookie cookie{};
    for (const std::size_t half : {std::size_t{0}, std::size_t{4}}) {
        const std::uint32_t number = random_number();
        std::memcpy(cookie.data() + half, &number, sizeof number);
    }
    boost::system::error_code error;
    udp::socket socket(io);
    socket.open(udp::v4(), error);
    while (!error && Clock::now() < deadline) {
        co_await send_requests(socket, servers, cookie);
        const Deadline until = std::min(deadline, Clock::now() + between_requests);
        const std::optional<NetworkTime> answer = co_await await_reply(io, socket, cookie, image_time, until);
        if (answer) co_return *answer;
    }
    if (error)
        co_return fail("NTP", fmt::format("cannot open a socket: {}", error.message()), {},
                       Failure::NtpSilent);
    co_return fail("NTP", fmt::format("no reply from {}", list_servers(servers)), "does the time server run",
                   Failure::NtpSilent);
}

} // namespace mkpxerd::netboot
