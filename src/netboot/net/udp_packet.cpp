// SPDX-License-Identifier: MIT
// IPv4:  0 version+IHL  2 total length  4 id  6 flags+fragment  8 TTL  9 protocol  10 checksum  12 source  16
// destination UDP:   0 source port  2 destination port  4 length  6 checksum
#include "mkpxerd/netboot/net/udp_packet.hpp"

#include <algorithm>

namespace mkpxerd::netboot {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t ip_header = 20;
constexpr std::size_t udp_header = 8;
constexpr std::uint8_t udp_protocol = 17;

void put16(std::uint8_t* at, std::uint32_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}
void put32(std::uint8_t* at, std::uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}
std::uint16_t get16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
std::uint32_t get32(Bytes bytes, std::size_t at) {
    return std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}

// The unfolded sum of RFC 1071; an odd last byte counts as the high half.
std::uint32_t sum(Bytes bytes, std::uint32_t start) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        start += get16(bytes, i);
    if (bytes.size() % 2 != 0) start += std::uint32_t{bytes.back()} << 8;
    return start;
}
std::uint16_t fold(std::uint32_t total) {
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return static_cast<std::uint16_t>(~total);
}

// Over the pseudo header (both addresses, the protocol, the length) and the datagram.
std::uint16_t udp_checksum(Bytes ip, Bytes datagram) {
    const std::uint32_t pseudo =
        sum(ip.subspan(12, 8), udp_protocol + static_cast<std::uint32_t>(datagram.size()));
    return fold(sum(datagram, pseudo));
}

} // namespace

std::vector<std::uint8_t> encode_udp(const UdpPacket& packet) {
    const std::size_t length = ip_header + udp_header + packet.payload.size();
    std::vector<std::uint8_t> out(length);
    out[0] = 0x45; // version 4, five words
    put16(&out[2], static_cast<std::uint32_t>(length));
    out[8] = 64;
    out[9] = udp_protocol;
    put32(&out[12], packet.source.value);
    put32(&out[16], packet.destination.value);
    put16(&out[10], fold(sum(Bytes(out).first(ip_header), 0)));
    std::uint8_t* udp = &out[ip_header];
    put16(udp, packet.source_port);
    put16(udp + 2, packet.destination_port);
    put16(udp + 4, static_cast<std::uint32_t>(udp_header + packet.payload.size()));
    std::copy(packet.payload.begin(), packet.payload.end(), out.begin() + ip_header + udp_header);
    const std::uint16_t checksum = udp_checksum(out, Bytes(out).subspan(ip_header));
    put16(udp + 6, checksum == 0 ? 0xffff : checksum); // 0 means "no checksum"
    return out;
}

std::optional<UdpPacket> parse_udp(Bytes bytes, bool checksum_valid) {
    if (bytes.size() < ip_header + udp_header || bytes[0] >> 4 != 4) return std::nullopt;
    const std::size_t header = (bytes[0] & 0xfU) * 4;
    const std::size_t total = get16(bytes, 2);
    const bool fragment = (get16(bytes, 6) & 0x3fff) != 0;
    if (header < ip_header || total > bytes.size() || total < header + udp_header || fragment ||
        bytes[9] != udp_protocol)
        return std::nullopt;
    if (fold(sum(bytes.first(header), 0)) != 0) return std::nullopt;

    const Bytes datagram = bytes.subspan(header, total - header);
    const std::size_t length = get16(datagram, 4);
    if (length < udp_header || length > datagram.size()) return std::nullopt;
    const bool has_checksum = get16(datagram, 6) != 0;
    if (checksum_valid && has_checksum && udp_checksum(bytes, datagram.first(length)) != 0)
        return std::nullopt;

    UdpPacket packet;
    packet.source = {get32(bytes, 12)};
    packet.destination = {get32(bytes, 16)};
    packet.source_port = get16(datagram, 0);
    packet.destination_port = get16(datagram, 2);
    const Bytes payload = datagram.subspan(udp_header, length - udp_header);
    packet.payload.assign(payload.begin(), payload.end());
    return packet;
}

} // namespace mkpxerd::netboot
