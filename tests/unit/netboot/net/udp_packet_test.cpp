// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/udp_packet.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;

namespace {

const UdpPacket sample{{0x0a000001}, {0x0a000037}, 67, 68, {'a', 'b', 'c'}};

} // namespace

TEST_CASE("a datagram survives encoding and parsing") {
    const std::vector<std::uint8_t> bytes = encode_udp(sample);
    CHECK(bytes.size() == 31);
    CHECK(parse_udp(bytes, true) == sample);
    // Ethernet pads short frames.
    std::vector<std::uint8_t> padded = bytes;
    padded.resize(46);
    CHECK(parse_udp(padded, true) == sample);
}

TEST_CASE("the checksums are those of the RFCs") {
    // Computed by hand: RFC 1071 over the header, and over pseudo header and datagram.
    const std::vector<std::uint8_t> bytes = encode_udp(sample);
    CHECK(bytes[10] == 0x66);
    CHECK(bytes[11] == 0x97);
    CHECK(bytes[26] == 0x26);
    CHECK(bytes[27] == 0xb7);
}

TEST_CASE("a wrong checksum is refused unless it is not there yet") {
    std::vector<std::uint8_t> bytes = encode_udp(sample);
    bytes.back() ^= 1;
    CHECK_FALSE(parse_udp(bytes, true));
    CHECK(parse_udp(bytes, false));
    std::vector<std::uint8_t> without = encode_udp(sample);
    without[26] = without[27] = 0; // UDP without checksum
    CHECK(parse_udp(without, true));
    std::vector<std::uint8_t> header = encode_udp(sample);
    header[8] ^= 1; // the header's own checksum always counts
    CHECK_FALSE(parse_udp(header, false));
}

TEST_CASE("an incomplete datagram is refused") {
    const std::vector<std::uint8_t> good = encode_udp(sample);
    const auto with = [&good](std::size_t at, std::uint8_t value) {
        std::vector<std::uint8_t> bytes = good;
        // Keeps the header sum right, so that the field itself is what is refused.
        const int change = bytes[at] - value;
        bytes[at] = value;
        int sum = (bytes[10] << 8 | bytes[11]) + (at % 2 == 0 ? change * 256 : change);
        if (sum < 0) sum += 0xffff;
        if (sum > 0xffff) sum -= 0xffff;
        bytes[10] = static_cast<std::uint8_t>(sum >> 8);
        bytes[11] = static_cast<std::uint8_t>(sum);
        return bytes;
    };
    CHECK(parse_udp(with(8, 63), false)); // the helper is right
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK_FALSE(parse_udp(std::span(good).first(length), false));
    CHECK_FALSE(parse_udp(with(0, 0x65), false)); // IPv6
    CHECK_FALSE(parse_udp(with(0, 0x44), false)); // a header of 16 bytes
    CHECK_FALSE(parse_udp(with(0, 0x4f), false)); // a header of 60
    CHECK_FALSE(parse_udp(with(6, 0x20), false)); // more fragments follow
    CHECK_FALSE(parse_udp(with(7, 1), false));    // a later fragment
    CHECK_FALSE(parse_udp(with(9, 6), false));    // TCP
    std::vector<std::uint8_t> long_udp = good;
    long_udp[25] = 200;
    CHECK_FALSE(parse_udp(long_udp, false));
    std::vector<std::uint8_t> short_udp = good;
    short_udp[25] = 7;
    CHECK_FALSE(parse_udp(short_udp, false));
}
