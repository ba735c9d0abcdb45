// SPDX-License-Identifier: MIT
// RFC 4330 figure 1:  0 leap (2 bits) version (3) mode (3)  1 stratum  24 originate  32 receive  40 transmit; timestamps
// are 32 bits of seconds since 1900 and 32 of a fraction.
#include "mkpxerd/netboot/sntp.hpp"

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <fmt/format.h>

#include "mkpxerd/netboot/async.hpp"
#include "mkpxerd/netboot/backoff.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::udp;

constexpr std::size_t message_size = 48;
constexpr std::size_t originate_at = 24;
constexpr std::size_t transmit_at = 40;
constexpr std::uint16_t ntp_port = 123;
constexpr std::int64_t from_1900_to_1970 = 2208988800;
constexpr auto between_questions = 1s;

asio::awaitable<void> send_questions(udp::socket& socket, const std::vector<Ipv4Address>& servers, const SntpCookie& cookie) {
    const std::vector<std::uint8_t> question = encode_sntp(cookie);
    for (const Ipv4Address server : servers) {
        boost::system::error_code ignored; // a server without a route is one that does not answer
        const udp::endpoint endpoint(asio::ip::address_v4(server.value), ntp_port);
        co_await socket.async_send_to(asio::buffer(question), endpoint, asio::redirect_error(asio::use_awaitable, ignored));
    }
}

// The next answer before the time is up.
asio::awaitable<std::optional<NetworkTime>> await_answer(asio::io_context& io, udp::socket& socket, const SntpCookie& cookie,
                                                         std::int64_t not_before, Deadline until) {
    Interrupt interrupt(io, until, {}, [&socket] { socket.cancel(); });
    while (!interrupt.fired()) {
        std::array<std::uint8_t, 512> buffer{};
        udp::endpoint from;
        boost::system::error_code error; // "refused" by one server says nothing of the others
        const std::size_t length =
            co_await socket.async_receive_from(asio::buffer(buffer), from, asio::redirect_error(asio::use_awaitable, error));
        if (error) continue;
        const std::optional<std::int64_t> seconds =
            parse_sntp(std::span<const std::uint8_t>(buffer).first(length), cookie, not_before);
        if (seconds) co_return NetworkTime{*seconds, {from.address().to_v4().to_uint()}};
    }
    co_return std::nullopt;
}

} // namespace

std::vector<std::uint8_t> encode_sntp(const SntpCookie& cookie) {
    std::vector<std::uint8_t> message(message_size);
    message[0] = 4 << 3 | 3; // version 4, client
    std::copy(cookie.begin(), cookie.end(), message.begin() + transmit_at);
    return message;
}

std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t not_before) {
    if (bytes.size() < message_size) return std::nullopt;
    const unsigned leap = bytes[0] >> 6;
    const unsigned mode = bytes[0] & 7;
    const unsigned stratum = bytes[1];
    if (leap == 3 || mode != 4 || stratum == 0 || stratum > 15) return std::nullopt;
    if (!std::equal(cookie.begin(), cookie.end(), bytes.begin() + originate_at)) return std::nullopt;
    std::uint32_t transmitted = 0;
    for (std::size_t i = 0; i < 4; ++i)
        transmitted = transmitted << 8 | bytes[transmit_at + i];
    if (transmitted == 0) return std::nullopt;
    std::int64_t seconds = std::int64_t{transmitted} - from_1900_to_1970;
    constexpr std::int64_t era = std::int64_t{1} << 32;
    // A server a little behind not_before is not one of the next era.
    while (seconds < not_before - era / 2)
        seconds += era;
    return seconds;
}

Task<NetworkTime> ask_time(asio::io_context& io, std::vector<Ipv4Address> servers, std::int64_t not_before,
                           Deadline deadline) {
    SntpCookie cookie{};
    for (const std::size_t half : {std::size_t{0}, std::size_t{4}}) {
        const std::uint32_t number = random_number();
        std::memcpy(cookie.data() + half, &number, sizeof number);
    }
    boost::system::error_code error;
    udp::socket socket(io);
    socket.open(udp::v4(), error);
    while (!error && Clock::now() < deadline) {
        co_await send_questions(socket, servers, cookie);
        const Deadline until = std::min(deadline, Clock::now() + between_questions);
        const std::optional<NetworkTime> answer = co_await await_answer(io, socket, cookie, not_before, until);
        if (answer) co_return *answer;
    }
    std::string names;
    for (const Ipv4Address server : servers)
        names += (names.empty() ? "" : ", ") + server.text();
    co_return fail("NTP", fmt::format("no answer from {}", names), "does the time server run", "MPX-NTP-01");
}

} // namespace mkpxerd::netboot
