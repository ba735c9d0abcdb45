// SPDX-License-Identifier: MIT
// Finds URLs by "://". A URL ends at whitespace or at the separator '|' of alternatives: quotes and brackets
// are legal within a password, and end a URL only when one opened right before it.
#include "mkpxerd/contract/redact.hpp"

namespace mkpxerd {
namespace {

constexpr std::string_view hidden = "***";

// "?a=1&b=2" -> "?a=***&b=***"; a query without '=' is hidden completely.
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

// Redacts the part of a URL after "://". A password may contain an unescaped '/' or '#', so the last '@' ends
// it; with a '?' before that '@' a password looks like a query, so nothing is shown.
void append_url(std::string& out, std::string_view rest) {
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        out += hidden;
        if (rest.find('?') < at) return;
        rest.remove_prefix(at);
    }
    const auto fragment_at = rest.find('#');
    const std::string_view before = rest.substr(0, fragment_at);
    const auto query_at = before.find('?');
    out.append(before.substr(0, query_at));
    if (query_at != std::string_view::npos) append_query(out, before.substr(query_at + 1));
    if (fragment_at != std::string_view::npos) out.append(rest.substr(fragment_at));
}

// The character that closes a bracket or quote right before the scheme at the end of `before`; 0: none.
char closing_of(std::string_view before) {
    const auto is_scheme = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '-' || c == '.';
    };
    while (!before.empty() && is_scheme(before.back()))
        before.remove_suffix(1);
    if (before.empty()) return 0;
    const auto which = std::string_view("\"'<(").find(before.back());
    return which == std::string_view::npos ? '\0' : "\"'>)"[which];
}

// Text without "://": "option=user:password@host" is a URL that lacks its scheme.
void append_plain(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find_first_of(" \t\n|");
        const std::string_view word = text.substr(0, end);
        const auto equals = word.find('=');
        const auto at = word.rfind('@');
        const bool secret = equals != std::string_view::npos && at != std::string_view::npos &&
                            word.find(':', equals) < at && !word.substr(equals + 1).starts_with("nfs:");
        if (secret) out.append(word.substr(0, equals + 1)).append(hidden).append(word.substr(at));
        if (!secret) out.append(word);
        if (end == std::string_view::npos) return;
        out += text[end];
        text.remove_prefix(end + 1);
    }
}

} // namespace

std::string redact(std::string_view text) {
    std::string out;
    while (true) {
        const auto start = text.find("://");
        if (start == std::string_view::npos) break;
        const std::string_view before = text.substr(0, start);
        append_plain(out, before);
        out += "://";
        text.remove_prefix(start + 3);
        auto end = text.find_first_of(" \t\n|");
        if (const char closing = closing_of(before); closing != 0)
            if (const auto closed = text.substr(0, end).rfind(closing); closed != std::string_view::npos)
                end = closed;
        append_url(out, text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end);
    }
    append_plain(out, text);
    return out;
}

} // namespace mkpxerd
