// SPDX-License-Identifier: MIT
// One UDP datagram in one IPv4 packet, as bytes, for a client without an address.
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

// nullopt: not a complete UDP datagram, a fragment, or a wrong checksum. checksum_valid: the UDP checksum
// counts; it does not for packets of the same host, which arrive before it was computed
// (TP_STATUS_CSUMNOTREADY).
std::optional<UdpPacket> parse_udp(std::span<const std::uint8_t> bytes, bool checksum_valid);

} // namespace mkpxerd::netboot
