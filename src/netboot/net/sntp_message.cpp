// SPDX-License-Identifier: MIT
// RFC 4330 figure 1:  0 leap (2 bits) version (3) mode (3)  1 stratum  24 originate  32 receive  40 transmit;
// timestamps are 32 bits of seconds since 1900 and 32 of a fraction.
#include "mkpxerd/netboot/net/sntp_message.hpp"

#include <algorithm>

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t message_size = 48;
constexpr std::size_t originate_at = 24;
constexpr std::size_t transmit_at = 40;
constexpr std::int64_t from_1900_to_1970 = 2208988800; // seconds
constexpr std::int64_t oldest_image = 1767225600;      // 2026-01-01, for an image without a build time

} // namespace

std::vector<std::uint8_t> encode_sntp(const SntpCookie& cookie) {
    std::vector<std::uint8_t> message(message_size);
    message[0] = 4 << 3 | 3; // version 4, client
    std::copy(cookie.begin(), cookie.end(), message.begin() + transmit_at);
    return message;
}

std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t image_time) {
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
    const std::int64_t pivot = std::max(image_time, oldest_image);
    if (seconds < pivot - era / 2) seconds += era * ((pivot - era / 2 - seconds + era - 1) / era);
    return seconds;
}

} // namespace mkpxerd::netboot
