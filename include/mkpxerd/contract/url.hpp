// SPDX-License-Identifier: MIT
// text -> Url (RFC 3986, the part that fetching needs), and URLs without their secrets, for messages.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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

    // "host" or "host:port" for a Host header: without the port when it is the scheme's default.
    std::string authority() const;
    // For messages: no userinfo, no fragment, "?..." in place of a query.
    std::string redacted() const;
    // The last component of the path: "modloop-lts" of "http://h/boot/modloop-lts?x=1". Empty: it has none.
    std::string file_name() const;
};

// Schemes http, https and ftp. Errors: MPX-FETCH-01, the URL redacted.
Result<Url> parse_url(std::string_view text);

// The names that can stand between '{' and '}' in a URL.
std::span<const std::string_view> url_placeholders();

// A URL of the command line. Placeholders such as {MAC} may stand anywhere but in scheme and port; the boot
// replaces them in the parsed URL once it knows the machine.
struct UrlTemplate {
    std::string text; // as written
    Url url;          // with the placeholders in its parts; a host with one keeps its case
    // Errors: those of parse_url, except that the host is checked when it is complete.
    static Result<UrlTemplate> parse(std::string_view text);
    bool has_placeholder_in_host() const { return url.host.find('{') != std::string::npos; }
    // How a part is written: in the target, the fragment and the host reserved characters are escaped.
    enum class Part { Encoded, Plain };
    using Replace = std::function<std::string(std::string_view text, Part part)>;
    // Errors: MPX-FETCH-01 for a host or a login that no request can contain.
    Result<Url> filled(const Replace& replace) const;
    bool operator==(const UrlTemplate&) const = default;
};

// A Location header: absolute, "//host/path", "/path" or relative to the directory of the base. A space in it
// stands for %20. The base's userinfo is kept for the same scheme, host and port only.
Result<Url> resolve_url(const Url& base, std::string_view header);

// Removes what may be secret from any text, also from one that is not a URL: everything between "//" and the
// last '@' of the authority, and everything after '?' or '#'.
std::string redact_url(std::string_view text);

// "%41" -> "A"; a '%' without two digits stays.
std::string percent_decode(std::string_view text);

} // namespace mkpxerd
