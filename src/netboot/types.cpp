// SPDX-License-Identifier: MIT
// Addresses <-> text, strictly: what is not wholly an address is none.
#include "mkpxerd/netboot/types.hpp"

#include <charconv>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

// Two hexadecimal digits, nothing else.
std::optional<std::uint8_t> parse_hex_byte(std::string_view text) {
    std::uint8_t value = 0;
    if (text.size() != 2) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// 0 to 255 without leading zeros: "010" is eight for inet_aton and ten for people, so it is refused.
std::optional<std::uint8_t> parse_octet(std::string_view text) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    const std::optional<std::uint64_t> value = parse_number(text);
    if (!value || *value > 255) return std::nullopt;
    return static_cast<std::uint8_t>(*value);
}

} // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    if (text.size() != 17 || (text[2] != ':' && text[2] != '-')) return std::nullopt;
    MacAddress mac;
    const std::vector<std::string_view> parts = split(text, text[2]);
    if (parts.size() != mac.bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::optional<std::uint8_t> byte = parse_hex_byte(parts[i]);
        if (!byte) return std::nullopt;
        mac.bytes[i] = *byte;
    }
    return mac;
}

std::string MacAddress::text(char separator) const {
    return fmt::format("{:02x}{}{:02x}{}{:02x}{}{:02x}{}{:02x}{}{:02x}", bytes[0], separator, bytes[1],
                       separator, bytes[2], separator, bytes[3], separator, bytes[4], separator, bytes[5]);
}

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    Ipv4Address address;
    for (const std::string_view part : parts) {
        const std::optional<std::uint8_t> octet = parse_octet(part);
        if (!octet) return std::nullopt;
        address.value = address.value << 8 | *octet;
    }
    return address;
}

std::string Ipv4Address::text() const {
    return fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff);
}

} // namespace mkpxerd::netboot
