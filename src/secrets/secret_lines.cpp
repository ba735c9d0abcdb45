// SPDX-License-Identifier: MIT
#include "secret_lines.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

bool is_word(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The alphabet of crypt(3).
bool is_crypt(char c) {
    return is_word(c) || c == '.' || c == '/';
}

std::size_t crypt_length(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_crypt) - text.begin());
}

// The text after "$": "6$SALT$HASH", where the hash has a minimum length. Names: crypt(5), htpasswd(1), and
// the string format of Argon2.
bool is_crypt_hash(std::string_view text) {
    static constexpr std::array<std::string_view, 17> names = {
        "1", "2", "2a", "2b",  "2x",   "2y",   "3",       "5",       "6",
        "7", "y", "gy", "md5", "sha1", "apr1", "argon2i", "argon2id"};
    constexpr std::size_t least = 20; // letters; the shortest, of MD5, has 22
    const auto end = text.find('$');
    if (end == std::string_view::npos) return false;
    const std::string_view name = text.substr(0, std::min(text.find(','), end));
    if (std::find(names.begin(), names.end(), name) == names.end()) return false;
    // Salt and parameters, then the hash: "$" between them, and letters of the alphabet in the last.
    std::string_view rest = text.substr(end + 1);
    for (unsigned field = 0; field < 5; ++field) {
        const std::size_t length = crypt_length(rest);
        if (length >= least && (field > 0 || name == "3")) return true;
        const auto next = rest.find_first_of("$: \t\"'");
        if (next == std::string_view::npos || rest[next] != '$') return false;
        rest.remove_prefix(next + 1);
    }
    return false;
}

constexpr std::string_view ends_of_url = "/?# \t\n\"'|<>()\\`";

bool is_scheme(char c) {
    return is_word(c) || c == '+' || c == '-' || c == '.';
}

// The part of a URL between "://" and the path: "user:password@host:80".
std::string_view authority_at(std::string_view text) {
    return text.substr(0, text.find_first_of(ends_of_url));
}

} // namespace

bool holds_password_hash(std::string_view line) {
    for (auto at = line.find('$'); at != std::string_view::npos; at = line.find('$', at + 1)) {
        const char before = at == 0 ? ' ' : line[at - 1];
        if (is_word(before) || before == '$' || before == '\\') continue;
        if (is_crypt_hash(line.substr(at + 1))) return true;
    }
    // LDAP and htpasswd -s: "{SSHA}" and base64 of at least 20 bytes.
    for (auto at = line.find("SHA}"); at != std::string_view::npos; at = line.find("SHA}", at + 1)) {
        const bool opened = (at >= 1 && line[at - 1] == '{') || (at >= 2 && line.substr(at - 2, 2) == "{S");
        if (opened && crypt_length(line.substr(at + 4)) >= 12) return true;
    }
    // grub-mkpasswd-pbkdf2: "grub.pbkdf2.sha512.10000.SALT.HASH".
    const auto grub = line.find("grub.pbkdf2.sha512.");
    return grub != std::string_view::npos && crypt_length(line.substr(grub)) > 80;
}

bool holds_password_url(std::string_view line) {
    constexpr std::size_t min_token = 20; // letters
    // A '#' after a space begins a comment.
    line = line.substr(0, line.find(" #"));
    for (auto at = line.find("://"); at != std::string_view::npos; at = line.find("://", at + 3)) {
        if (at == 0 || !is_scheme(line[at - 1])) continue;
        const std::string_view authority = authority_at(line.substr(at + 3));
        const auto end = authority.rfind('@');
        if (end == std::string_view::npos || end == 0 || end + 1 == authority.size()) continue;
        const std::string_view userinfo = authority.substr(0, end);
        const auto colon = userinfo.find(':');
        if (colon != std::string_view::npos && !is_placeholder(userinfo.substr(colon + 1))) return true;
        // A token in place of the user.
        const std::string_view user = userinfo.substr(0, colon);
        if (user.size() >= min_token && is_literal_secret(user) && line.substr(0, at).ends_with("https"))
            return true;
    }
    return false;
}

bool holds_userinfo(std::string_view text) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const auto authority = text.substr(at + 3, text.substr(at + 3).find_first_of("/?# \t\n\"'|<>()"));
        if (const auto end = authority.rfind('@'); end != std::string_view::npos && end > 0) return true;
    }
    return false;
}

std::string_view unquoted(std::string_view value) {
    value = trim(value);
    while (!value.empty() && (value.back() == ';' || value.back() == ','))
        value = trim(value.substr(0, value.size() - 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        return value.substr(1, value.size() - 2);
    return value;
}

bool is_placeholder(std::string_view value) {
    static constexpr std::string_view begins = "$<{[";
    if (value.empty() || begins.find(value.front()) != std::string_view::npos || value.starts_with("%("))
        return true;
    if (value.find("${") != std::string_view::npos || value.find("$(") != std::string_view::npos) return true;
    if (value.size() > 2 && value.front() == '@' && value.back() == '@') return true; // of configure scripts
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return c == 'x' || c == 'X' || c == '*' || c == '.'; });
}

bool is_literal_secret(std::string_view value) {
    if (is_placeholder(value) || value.front() == '/' || value.starts_with("--")) return false;
    static constexpr std::array<std::string_view, 16> words = {
        "yes", "no",  "true",   "false",    "on",       "off",     "none",     "null",
        "nil", "ask", "prompt", "required", "optional", "enabled", "disabled", "-"};
    return std::find(words.begin(), words.end(), to_lower(value)) == words.end();
}

} // namespace mkpxerd
