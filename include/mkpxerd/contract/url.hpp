// SPDX-License-Identifier: MIT
// text -> Url (RFC 3986, the part that fetching needs), and URLs as they may be shown to anybody.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

struct Url {
    std::string scheme;   // lower case
    std::string user;     // percent-decoded
    std::string password; // percent-decoded
    std::string host;     // lower case; an IPv6 address without brackets
    std::uint16_t port = 0;
    std::string target;   // path and query as a request line has them; at least "/"
    std::string fragment; // without '#', as written
    bool operator==(const Url&) const = default;

    // "host" or "host:port" as a Host header has it: no port when it is the scheme's own.
    std::string authority() const;
    // For messages: no userinfo, no fragment, "?..." in place of a query.
    std::string redacted() const;
};

// Schemes http, https and ftp. Errors: MPX-FETCH-01, the URL redacted.
Result<Url> parse_url(std::string_view text);

// A Location header: absolute, "//host/path", "/path" or relative to the directory of the base; blanks in it
// are taken for %20. The base's userinfo goes along to the same scheme, host and port only.
Result<Url> resolve_url(const Url& base, std::string_view header);

// Also for text that is no URL: everything between "//" and the last '@' of the authority, and behind '?' or
// '#', is left out.
std::string redact_url(std::string_view text);

// "%41" -> "A"; a '%' without two digits stays.
std::string percent_decode(std::string_view text);

} // namespace mkpxerd
