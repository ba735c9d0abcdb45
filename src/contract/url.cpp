// SPDX-License-Identifier: MIT
// scheme://user:password@host:port/path?query#fragment
#include "mkpxerd/contract/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd {
namespace {

// docs/cmdline.md says what each stands for.
constexpr std::array<std::string_view, 11> placeholders = {
    "MAC", "MAC-", "UUID", "uuid", "UUID-LE", "SERIAL", "ASSET", "HOSTNAME", "IP", "ARCH", "KVER"};

std::uint16_t default_port(std::string_view scheme) {
    if (scheme == "https") return 443;
    return scheme == "ftp" ? 21 : 80;
}

tl::unexpected<Error> refuse(std::string_view url, std::string text, std::string hint = {}) {
    return fail(redact_url(url), std::move(text), std::move(hint), Failure::BadUrl);
}

// Spaces and control characters cannot be sent in a request line or a header.
bool has_unsafe(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

bool is_host(std::string_view host, bool is_ipv6) {
    if (host.find_first_not_of('.') == std::string_view::npos) return false;
    return std::all_of(host.begin(), host.end(), [is_ipv6](char c) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        return plain || (is_ipv6 && (c == ':' || c == '%'));
    });
}

// Servers send a file name with spaces as a Location.
std::string spaces_escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == ' ' ? "%20" : std::string(1, c);
    return out;
}

Result<void> parse_login(std::string_view text, std::string_view userinfo, Url& url) {
    const std::size_t colon = userinfo.find(':');
    url.user = percent_decode(userinfo.substr(0, colon));
    if (colon != std::string_view::npos) url.password = percent_decode(userinfo.substr(colon + 1));
    if (has_control(url.user) || has_control(url.password))
        return refuse(text, "has a control character in its user name or password");
    return {};
}

// ":8080"; empty or ":": that of the scheme.
Result<void> read_port(std::string_view text, std::string_view port_text, Url& url) {
    url.port = default_port(url.scheme);
    if (port_text.empty() || port_text == ":") return {};
    const std::optional<std::uint16_t> port =
        port_text.front() == ':' ? parse_port(port_text.substr(1)) : std::nullopt;
    if (!port)
        return refuse(text, "has a bad port",
                      "in a password, write %2F for '/', %3F for '?', %23 for '#', %40 for '@'");
    url.port = *port;
    return {};
}

// may_be_incomplete: a host with a placeholder is kept as it is.
Result<void> parse_authority(std::string_view text, std::string_view authority, bool may_be_incomplete,
                             Url& url) {
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        MKPXERD_TRY(parse_login(text, authority.substr(0, at), url));
        authority.remove_prefix(at + 1);
    }
    const bool bracketed = !authority.empty() && authority.front() == '[';
    std::size_t end = authority.find(bracketed ? ']' : ':');
    if (bracketed && end == std::string_view::npos) return refuse(text, "has a '[' without ']'");
    if (bracketed) ++end;
    const std::string_view host = authority.substr(0, end);
    url.host = bracketed ? host.substr(1, host.size() - 2) : host;
    if (!may_be_incomplete || url.host.find('{') == std::string::npos) {
        url.host = to_lower(url.host);
        if (!is_host(url.host, bracketed)) return refuse(text, "has a bad host name");
    }
    return read_port(text, end < authority.size() ? authority.substr(end) : std::string_view{}, url);
}

// Folds "." and ".." (RFC 3986 5.2.4); never above the root.
std::string fold_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    const std::vector<std::string_view> parts = split(path.substr(1), '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        if (parts[i] == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (parts[i] != ".") {
            kept.push_back(parts[i]);
            continue;
        }
        if (last) kept.emplace_back(); // a directory
    }
    std::string folded;
    for (const std::string_view part : kept)
        folded.append("/").append(part);
    return folded.empty() ? "/" : folded;
}

} // namespace

std::string Url::authority() const {
    return port == default_port(scheme) ? in_brackets(host) : HostPort{host, port}.text();
}

std::string Url::redacted() const {
    const std::size_t query = target.find('?');
    return fmt::format("{}://{}{}{}", scheme, authority(), std::string_view(target).substr(0, query),
                       query == std::string::npos ? "" : "?...");
}

std::string Url::file_name() const {
    const std::string_view path = std::string_view(target).substr(0, target.find('?'));
    return std::string(path.substr(path.rfind('/') + 1)); // npos + 1 is 0
}

namespace {

Result<Url> parse(std::string_view text, bool may_be_incomplete) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos)
        return refuse(text, "is not a URL", "a URL begins with http://, https:// or ftp://");
    if (has_unsafe(text))
        return refuse(text, "contains a space or a control character", "write %20 for a space");
    Url url;
    url.scheme = to_lower(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ftp")
        return refuse(text, fmt::format("the scheme '{}' is not supported", url.scheme),
                      "use http, https or ftp");
    std::string_view rest = text.substr(colon + 3);
    if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
        url.fragment = rest.substr(hash + 1);
        rest = rest.substr(0, hash);
    }
    const std::size_t path = rest.find_first_of("/?");
    // A template put one scheme before another: "http" would be looked up as a host.
    if (const std::size_t second = rest.find("://"); second != std::string_view::npos && second + 1 == path)
        return refuse(text, fmt::format("has two schemes, {} and {}", url.scheme, rest.substr(0, second)),
                      "write one of them");
    MKPXERD_TRY(parse_authority(text, rest.substr(0, path), may_be_incomplete, url));
    url.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
    if (url.target.front() == '?') url.target.insert(0, "/");
    return url;
}

} // namespace

Result<Url> parse_url(std::string_view text) {
    return parse(text, false);
}

std::span<const std::string_view> url_placeholders() {
    return placeholders;
}

Result<UrlTemplate> UrlTemplate::parse(std::string_view text) {
    MKPXERD_TRY_ASSIGN(Url url, mkpxerd::parse(text, true));
    return UrlTemplate{.text = std::string(text), .url = std::move(url)};
}

Result<Url> UrlTemplate::filled(const Replace& replace) const {
    Url filled = url;
    filled.target = replace(url.target, Part::Encoded);
    filled.fragment = replace(url.fragment, Part::Encoded);
    filled.user = replace(url.user, Part::Plain);
    filled.password = replace(url.password, Part::Plain);
    if (has_control(filled.user) || has_control(filled.password))
        return refuse(text, "has a control character in its user name or password");
    if (!has_placeholder_in_host()) return filled;
    filled.host = to_lower(replace(url.host, Part::Encoded));
    const bool is_ipv6 = url.host.find(':') != std::string::npos;
    if (!is_host(filled.host, is_ipv6))
        return refuse(text, fmt::format("becomes a URL with the bad host name '{}'", filled.host));
    return filled;
}

Result<Url> resolve_url(const Url& base, std::string_view header) {
    const std::string escaped = spaces_escaped(trim(header));
    std::string_view reference = escaped;
    const std::size_t colon = reference.find("://");
    const bool absolute = colon != std::string_view::npos && reference.find_first_of("/?#") > colon;
    if (absolute || reference.starts_with("//")) {
        MKPXERD_TRY_ASSIGN(Url url,
                           parse_url(absolute ? escaped : fmt::format("{}:{}", base.scheme, escaped)));
        const bool same_origin = url.scheme == base.scheme && url.host == base.host && url.port == base.port;
        if (same_origin && url.user.empty() && url.password.empty()) {
            url.user = base.user;
            url.password = base.password;
        }
        return url;
    }
    if (has_unsafe(reference)) return refuse(reference, "contains a control character");
    Url url = base;
    reference = reference.substr(0, reference.find('#'));
    const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
    const std::size_t query_at = reference.find('?');
    const std::string_view path = reference.substr(0, query_at);
    const std::string_view query =
        query_at == std::string_view::npos ? std::string_view{} : reference.substr(query_at);
    if (path.empty())
        url.target = std::string(base_path);
    else if (path.front() == '/')
        url.target = fold_dots(path);
    else
        url.target = fold_dots(std::string(base_path.substr(0, base_path.rfind('/') + 1)).append(path));
    url.target.append(query);
    return url;
}

std::string redact_url(std::string_view text) {
    std::size_t end = text.find_first_of("?#");
    // A '?' or '#' before an '@' may belong to a password.
    if (end != std::string_view::npos && text.find('@', end) != std::string_view::npos) {
        const std::size_t scheme = text.find("://");
        end = scheme < end ? scheme + 3 : 0;
    }
    std::string out(text.substr(0, end));
    const std::size_t slashes = out.find("//");
    const std::size_t begin = slashes == std::string::npos ? 0 : slashes + 2;
    // An '@' in the path hides nothing, but one after an unescaped '/' in a password does: take the last one.
    if (const std::size_t at = out.rfind('@'); at != std::string::npos && at >= begin)
        out.erase(begin, at + 1 - begin);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    if (text.find('?') != std::string_view::npos) out += "?...";
    return out;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (text[i] == '%' && digits.size() == 2 && error == std::errc{} && end == digits.data() + 2) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace mkpxerd
