// SPDX-License-Identifier: MIT
// Addresses <-> text, strictly: what is not wholly an address is none.
#include "mkpxerd/contract/address.hpp"

#include <charconv>
#include <fmt/format.h>
#include <span>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

// Two hexadecimal digits, nothing else.
std::optional<std::uint8_t> parse_hex_byte(std::string_view text) {
    std::uint8_t value = 0;
    if (text.size() != 2) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "52:54:00:..." or "52-54-00-...", as many parts as there are bytes.
bool parse_bytes(std::string_view text, std::span<std::uint8_t> bytes) {
    if (text.size() != bytes.size() * 3 - 1 || (text[2] != ':' && text[2] != '-')) return false;
    const std::vector<std::string_view> parts = split(text, text[2]);
    if (parts.size() != bytes.size()) return false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::optional<std::uint8_t> byte = parse_hex_byte(parts[i]);
        if (!byte) return false;
        bytes[i] = *byte;
    }
    return true;
}

std::string bytes_text(std::span<const std::uint8_t> bytes, char separator) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        if (!text.empty()) text += separator;
        text += fmt::format("{:02x}", byte);
    }
    return text;
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
    MacAddress mac;
    return parse_bytes(text, mac.bytes) ? std::optional(mac) : std::nullopt;
}

std::string MacAddress::text(char separator) const {
    return bytes_text(bytes, separator);
}

std::optional<PortGuid> PortGuid::parse(std::string_view text) {
    PortGuid guid;
    return parse_bytes(text, guid.bytes) ? std::optional(guid) : std::nullopt;
}

std::string PortGuid::text() const {
    return bytes_text(bytes, ':');
}

std::string to_text(const Bootif& bootif) {
    const auto* mac = std::get_if<MacAddress>(&bootif);
    return mac != nullptr ? mac->text() : std::get_if<PortGuid>(&bootif)->text();
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

} // namespace mkpxerd
