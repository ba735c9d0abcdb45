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
    // As MacAddress has it, with eight parts.
    static std::optional<PortGuid> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const PortGuid&) const = default;
};

// The network port that a boot loader used.
using Bootif = std::variant<MacAddress, PortGuid>;
std::string to_text(const Bootif& bootif);

struct Ipv4Address {
    std::uint32_t value = 0; // host byte order
    static std::optional<Ipv4Address> parse(std::string_view text);
    std::string text() const;
    bool is_unspecified() const { return value == 0; }
    auto operator<=>(const Ipv4Address&) const = default;
};

} // namespace mkpxerd
