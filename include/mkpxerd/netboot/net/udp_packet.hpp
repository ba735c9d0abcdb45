// SPDX-License-Identifier: MIT
// One UDP datagram in one IPv4 packet, as bytes: what a client without an address must make and read itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct UdpPacket {
    Ipv4Address source;
    Ipv4Address destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::vector<std::uint8_t> payload;
    bool operator==(const UdpPacket&) const = default;
};

// IPv4 header (RFC 791, no options, TTL 64), UDP header (RFC 768) with checksum, payload.
std::vector<std::uint8_t> encode_udp(const UdpPacket& packet);

// nullopt: no whole UDP datagram, a fragment, or a wrong checksum. checksum_valid says whether the UDP
// checksum is to be looked at: a packet of the same host reaches us before its checksum was computed
// (TP_STATUS_CSUMNOTREADY).
std::optional<UdpPacket> parse_udp(std::span<const std::uint8_t> bytes, bool checksum_valid);

} // namespace mkpxerd::netboot
