// SPDX-License-Identifier: MIT
// SNTP messages (RFC 4330) as bytes. Pure; replies may be hostile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mkpxerd::netboot {

using SntpCookie = std::array<std::uint8_t, 8>;

// A request of 48 bytes. The cookie is its transmit timestamp, which a reply repeats.
std::vector<std::uint8_t> encode_sntp(const SntpCookie& cookie);

// Seconds since 1970 of a reply to this cookie; nullopt: another cookie, an unsynchronised server, or a "kiss
// of death". The 32 bits of NTP seconds wrap in 2036. The result is the moment nearest to image_time, when
// the image was built: up to 68 years before or after it. The machine's own clock may be wrong, and does not
// count.
std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t image_time);

} // namespace mkpxerd::netboot
