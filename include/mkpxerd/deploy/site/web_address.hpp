// SPDX-License-Identifier: MIT
// --server -> where machines find the bundle by HTTP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/address.hpp"

namespace mkpxerd::deploy {

struct WebAddress {
    bool is_tls = false;
    std::string host; // lower case
    std::uint16_t port = 0;
    std::string path; // below the web root: "/pxe", without a slash at the end; empty: the web root itself

    // "192.0.2.1", "192.0.2.1:8080", "boot.example.org/pxe", "https://boot.example.org/pxe/".
    // Errors: neither an IPv4 address nor a host name; other schemes; a login, a query, a fragment; a path
    // that the configuration of a server would read differently.
    static Result<WebAddress> parse(const std::string& text);

    // "http://192.0.2.1:8080/pxe", without a slash at the end.
    std::string url() const;
    // nullopt: the host is a name.
    std::optional<Ipv4Address> address() const { return Ipv4Address::parse(host); }
    bool operator==(const WebAddress&) const = default;
};

// A path of characters without a meaning in any server configuration, quoted or not; letters of other
// languages are allowed.
bool is_plain_path(std::string_view path);
inline constexpr const char* bad_path = "has a character with a meaning in server configurations";
inline constexpr const char* good_path = "letters, digits and /._+:~@%=- are safe";

} // namespace mkpxerd::deploy
