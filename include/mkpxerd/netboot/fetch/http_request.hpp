// SPDX-License-Identifier: MIT
// The init's requests to HTTP servers and proxies, as text. One function writes every head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::netboot {

// GET. Offset 0 asks for the whole object, any other for the rest of the version that the validator names. A
// proxy reads requests of http only: those of https are encrypted.
std::string get_request(const Url& url, std::uint64_t offset, const std::string& validator,
                        const std::optional<Url>& proxy = std::nullopt);

// POST of a JSON text, the body included.
std::string post_request(const Url& url, std::string_view body);

// CONNECT: asks the proxy for a tunnel to the host of the URL (RFC 9110 9.3.6).
std::string tunnel_request(const Url& url, const Url& proxy);

} // namespace mkpxerd::netboot
