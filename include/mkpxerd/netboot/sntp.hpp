// SPDX-License-Identifier: MIT
// The time of day from time servers (SNTP, RFC 4330), to the second: enough for certificates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/netboot/task.hpp"

namespace mkpxerd::netboot {

using SntpCookie = std::array<std::uint8_t, 8>;

// A question of 48 bytes; the cookie stands where the answer repeats it (transmit timestamp).
std::vector<std::uint8_t> encode_sntp(const SntpCookie& cookie);

// Seconds since 1970 of an answer to this cookie; nullopt: another's, unsynchronised, or a "kiss of death". The 32 bits
// of an NTP second are taken for the first such moment not before not_before (they wrap in 2036).
std::optional<std::int64_t> parse_sntp(std::span<const std::uint8_t> bytes, const SntpCookie& cookie,
                                       std::int64_t not_before);

struct NetworkTime {
    std::int64_t seconds = 0; // since 1970
    Ipv4Address server;       // that said so
};

// The first answer of any server; all are asked once a second. Errors: MPX-NTP-01, naming the servers.
Task<NetworkTime> ask_time(boost::asio::io_context& io, std::vector<Ipv4Address> servers, std::int64_t not_before,
                           Deadline deadline);

} // namespace mkpxerd::netboot
