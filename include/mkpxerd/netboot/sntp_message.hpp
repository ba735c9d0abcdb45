// SPDX-License-Identifier: MIT
// SNTP messages (RFC 4330) as bytes. Pure; answers are hostile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mkpxerd::netboot {

using SntpCookie = std::array<std::uint8_t, 8>;

// A question of 48 bytes; the cookie stands where the answer repeats it (transmit timestamp).
std::vector<std::uint8_t> encode_sntp(const SntpCookie& cookie);

// Seconds since 1970 of an answer to this cookie; nullopt: another's, unsynchronised, or a "kiss of death".
// The 32 bits of an NTP second are taken for the first such moment not before not_before (they wrap in 2036).
std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t not_before);

} // namespace mkpxerd::netboot
