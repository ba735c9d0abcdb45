// SPDX-License-Identifier: MIT
// Addresses <-> text. Parsing is strict: the whole text must be an address.
#include "mkpxerd/contract/address.hpp"

#include <bit>
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

// 0 to 255 without leading zeros.
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

std::optional<Ipv4Subnet> Ipv4Subnet::parse(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::optional<Ipv4Address> address = Ipv4Address::parse(text.substr(0, slash));
    const std::optional<std::uint64_t> bits = parse_number(text.substr(std::min(slash + 1, text.size())));
    if (!address || !bits || *bits > 32) return std::nullopt;
    return Ipv4Subnet{.address = *address, .prefix = static_cast<unsigned>(*bits)};
}

Ipv4Address Ipv4Subnet::mask() const {
    return {prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix)};
}

Ipv4Address Ipv4Subnet::first() const {
    return {address.value & mask().value};
}

Ipv4Address Ipv4Subnet::last() const {
    return {address.value | ~mask().value};
}

bool Ipv4Subnet::contains(Ipv4Address other) const {
    return (other.value & mask().value) == first().value;
}

unsigned class_prefix(Ipv4Address address) {
    if (address.value >> 31 == 0) return 8;
    return address.value >> 30 == 2 ? 16 : 24;
}

std::optional<unsigned> mask_prefix(Ipv4Address mask) {
    const auto ones = static_cast<unsigned>(std::countl_one(mask.value));
    if (static_cast<unsigned>(std::popcount(mask.value)) != ones) return std::nullopt;
    return ones;
}

std::optional<unsigned> parse_netmask(std::string_view text) {
    const std::string_view digits = text.starts_with('/') ? text.substr(1) : text;
    if (const std::optional<std::uint64_t> bits = parse_number(digits); bits && *bits >= 1 && *bits <= 32)
        return static_cast<unsigned>(*bits);
    const std::optional<Ipv4Address> mask = Ipv4Address::parse(text);
    const std::optional<unsigned> bits = mask ? mask_prefix(*mask) : std::nullopt;
    return bits && *bits != 0 ? bits : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const std::optional<std::uint64_t> port = parse_number(text);
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*port);
}

std::optional<HostPort> HostPort::parse(std::string_view text, std::uint16_t default_port) {
    HostPort parsed{.host = std::string(text), .port = default_port};
    const bool is_bare_ipv6 = !text.starts_with('[') && text.find(':') != text.rfind(':');
    if (!is_bare_ipv6) {
        const std::size_t end = host_end(text);
        const std::string_view host = text.substr(0, end);
        if (host.starts_with('[') && !host.ends_with(']')) return std::nullopt;
        parsed.host = without_brackets(host);
        if (end != std::string_view::npos) {
            const std::optional<std::uint16_t> port = parse_port(text.substr(end + 1));
            if (!port) return std::nullopt;
            parsed.port = *port;
        }
    }
    return parsed.host.empty() ? std::nullopt : std::optional(std::move(parsed));
}

std::string HostPort::text() const {
    return fmt::format("{}:{}", in_brackets(host), port);
}

std::string in_brackets(std::string_view host) {
    return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

std::size_t host_end(std::string_view text) {
    if (!text.starts_with('[')) return text.find(':');
    const std::size_t close = text.find("]:");
    return close == std::string_view::npos ? close : close + 1;
}

std::string_view without_brackets(std::string_view host) {
    const bool has_brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    return has_brackets ? host.substr(1, host.size() - 2) : host;
}

} // namespace mkpxerd
