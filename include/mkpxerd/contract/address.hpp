// SPDX-License-Identifier: MIT
// Addresses of network ports and hosts <-> text. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mkpxerd {

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};
    // "52:54:00:aa:bb:cc", '-' as separator too, any case.
    static std::optional<MacAddress> parse(std::string_view text);
    // Lower case, with the given separator.
    std::string text(char separator = ':') const;
    auto operator<=>(const MacAddress&) const = default;
};

// The GUID of an InfiniBand port: the last 8 of the 20 bytes of its address (RFC 4391 9.1.1).
struct PortGuid {
    std::array<std::uint8_t, 8> bytes{};
    // The form of MacAddress, with eight parts.
    static std::optional<PortGuid> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const PortGuid&) const = default;
};

// The network port that a boot loader used.
using Bootif = std::variant<MacAddress, PortGuid>;
std::string to_text(const Bootif& bootif);

struct Ipv4Address {
    std::uint32_t value = 0; // host byte order
    // Four decimal octets. "010" is eight for inet_aton(3) and ten for people, so leading zeros are refused.
    static std::optional<Ipv4Address> parse(std::string_view text);
    std::string text() const;
    bool is_unspecified() const { return value == 0; }
    auto operator<=>(const Ipv4Address&) const = default;
};

// The addresses that share their first bits, the prefix, with one of them.
struct Ipv4Subnet {
    Ipv4Address address; // any of them
    unsigned prefix = 0; // 0 to 32 bits
    // "10.0.0.0/24"
    static std::optional<Ipv4Subnet> parse(std::string_view text);
    Ipv4Address mask() const;
    Ipv4Address first() const; // the address of the network
    Ipv4Address last() const;  // for broadcasts
    bool contains(Ipv4Address other) const;
    auto operator<=>(const Ipv4Subnet&) const = default;
};

// 8, 16 or 24 by the class of the address (RFC 791 3.2): the kernel's choice when no netmask is given.
unsigned class_prefix(Ipv4Address address);
// The bits of a contiguous mask ("255.255.255.0" -> 24); nullopt for one with holes.
std::optional<unsigned> mask_prefix(Ipv4Address mask);
// "255.255.255.0", "/24" or "24" -> 24; 1 to 32.
std::optional<unsigned> parse_netmask(std::string_view text);

// 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

// A TCP or UDP port of a host.
struct HostPort {
    std::string host; // name or address; an IPv6 address without brackets
    std::uint16_t port = 0;
    // "host", "host:port", "[fd00::1]:port", "[fd00::1]" or "fd00::1"; without a port it is default_port.
    // nullopt: the host is empty, or the port is not a port.
    static std::optional<HostPort> parse(std::string_view text, std::uint16_t default_port);
    // With the port, and with brackets around an IPv6 address.
    std::string text() const;
    auto operator<=>(const HostPort&) const = default;
};

// "fd00::1" -> "[fd00::1]"; a name or an IPv4 address stays as it is.
std::string in_brackets(std::string_view host);
// Where the host of "host:rest" or "[fd00::1]:rest" ends: the position of the ':' after it, or npos.
std::size_t host_end(std::string_view text);
// "[fd00::1]" -> "fd00::1"; anything else stays as it is.
std::string_view without_brackets(std::string_view host);

} // namespace mkpxerd
