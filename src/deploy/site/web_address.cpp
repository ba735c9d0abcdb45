// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/web_address.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr const char* option = "--server";
constexpr std::size_t longest_label = 63; // RFC 1035 2.3.4
constexpr std::size_t longest_name = 253;

// RFC 1123 2.1: no top-level domain is a number, so "10.0.0" and "0x0a000001" are misspelt addresses.
bool is_host_name(std::string_view host) {
    const auto labels = split(host, '.');
    const bool is_number =
        labels.empty() || parse_number(labels.back()) ||
        (labels.back().starts_with("0x") &&
         labels.back().substr(2).find_first_not_of("0123456789abcdef") == std::string_view::npos);
    return !is_number && host.size() <= longest_name && std::ranges::all_of(labels, [](auto label) {
        return !label.empty() && label.size() <= longest_label && !label.starts_with('-') &&
               !label.ends_with('-') && label.find_first_of("_:%") == std::string_view::npos;
    });
}

// What stands between the scheme and the path: "boot.example.org:8080".
std::string_view authority_of(std::string_view text) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    return text.substr(0, text.find('/'));
}

bool has_bad_port(std::string_view authority) {
    const auto colon = authority.find(':');
    if (colon == std::string_view::npos || authority.find_first_of("@[") != std::string_view::npos)
        return false;
    const auto port = authority.substr(colon + 1);
    return !port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos &&
           !parse_port(port);
}

tl::unexpected<Error> refuse(const std::string& text, std::string_view why) {
    return fail(option, fmt::format("{} {}", redact_url(text), why),
                "an address, a name, or a URL such as https://boot.example.org/pxe is accepted");
}

} // namespace

Result<WebAddress> WebAddress::parse(const std::string& text) {
    constexpr const char* bad_host = "is neither an IPv4 address nor a host name nor a URL of them";
    const bool has_scheme = text.find("://") != std::string::npos;
    const auto authority = authority_of(text);
    if (has_bad_port(authority)) return refuse(text, "has a port that is not a number from 1 to 65535");
    if (!has_scheme && std::count(text.begin(), text.end(), ':') > 1) return refuse(text, bad_host);
    const auto url = parse_url(has_scheme ? text : "http://" + text);
    // parse_url takes "host:" as the default port, but "http:/host" is a misspelt URL.
    if (!url || authority.ends_with(':')) return refuse(text, bad_host);
    if (url->scheme == "ftp") return refuse(text, "has a scheme that no loader supports");
    if (!url->user.empty() || !url->password.empty() || !url->fragment.empty() ||
        url->target.find('?') != std::string::npos)
        return refuse(text, "has a login, a query or a fragment");
    if (!Ipv4Address::parse(url->host) && !is_host_name(url->host)) return refuse(text, bad_host);
    if (url->host == "localhost" || url->host.ends_with(".localhost"))
        return refuse(text, "is each machine itself (RFC 6761)");
    WebAddress address{
        .is_tls = url->scheme == "https", .host = url->host, .port = url->port, .path = url->target};
    while (address.path.ends_with('/'))
        address.path.pop_back();
    if (!is_plain_path(address.path)) return fail(fmt::format("{} {}", option, text), bad_path, good_path);
    const std::string inside = address.path + '/';
    const bool is_ambiguous =
        std::ranges::any_of(std::to_array<std::string_view>({"%", "//", "/./", "/../"}),
                            [&](std::string_view part) { return inside.find(part) != std::string::npos; });
    if (is_ambiguous)
        return fail(fmt::format("{} {}", option, text), "has %, //, /./ or /../ in its path",
                    "servers and loaders read them differently");
    if (!has_scheme && !address.path.empty() && parse_number(address.path.substr(1)))
        return fail(option, fmt::format("{} is a subnet", text), "--subnet names it");
    return address;
}

std::string WebAddress::url() const {
    const bool is_default = port == (is_tls ? 443 : 80);
    return fmt::format("{}://{}{}{}", is_tls ? "https" : "http", host,
                       is_default ? std::string() : fmt::format(":{}", port), path);
}

bool is_plain_path(std::string_view path) {
    static constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+:~@%=-";
    return is_printable(path) && std::all_of(path.begin(), path.end(), [](char c) {
               return plain.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
           });
}

} // namespace mkpxerd::deploy
