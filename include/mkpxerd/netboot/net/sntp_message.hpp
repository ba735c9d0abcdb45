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
// The 32 bits of an NTP second wrap in 2036: what is meant is the moment that lies next to image_time, when
// the image was built, 68 years before or after it. What the machine's own clock says is no measure: it may
// be the one that is wrong.
std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t image_time);

} // namespace mkpxerd::netboot
