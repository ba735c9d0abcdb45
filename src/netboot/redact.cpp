// SPDX-License-Identifier: MIT
// Finds URLs by "://"; one ends at a blank, a quote or the separator '|' of alternatives.
#include "mkpxerd/netboot/redact.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view hidden = "***";

// "?a=1&b=2" -> "?a=***&b=***"; a query without '=' is hidden whole.
void append_query(std::string& out, std::string_view query) {
    out += '?';
    while (true) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos) out.append(pair.substr(0, equals + 1));
        out += hidden;
        if (end == std::string_view::npos) return;
        out += '&';
        query.remove_prefix(end + 1);
    }
}

// What follows "://" of one URL.
void append_url(std::string& out, std::string_view rest) {
    const auto authority_end = rest.find_first_of("/?#");
    const std::string_view authority = rest.substr(0, authority_end);
    const auto at = authority.rfind('@');
    if (at != std::string_view::npos) {
        out += hidden;
        out.append(authority.substr(at));
    } else {
        out.append(authority);
    }
    if (authority_end == std::string_view::npos) return;
    rest.remove_prefix(authority_end);
    const auto fragment_at = rest.find('#');
    const std::string_view before = rest.substr(0, fragment_at);
    const auto query_at = before.find('?');
    out.append(before.substr(0, query_at));
    if (query_at != std::string_view::npos) append_query(out, before.substr(query_at + 1));
    if (fragment_at != std::string_view::npos) out.append(rest.substr(fragment_at));
}

} // namespace

std::string redact(std::string_view text) {
    std::string out;
    while (true) {
        const auto start = text.find("://");
        if (start == std::string_view::npos) return out.append(text);
        out.append(text.substr(0, start + 3));
        text.remove_prefix(start + 3);
        const auto end = text.find_first_of(" \t\n\"'|<>()");
        append_url(out, text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end);
    }
}

} // namespace mkpxerd::netboot
