// SPDX-License-Identifier: MIT
// Finds keys by their marks, which exist for this purpose.
#include "marked_keys.hpp"

#include <algorithm>
#include <array>

#include "secret_keys.hpp"

namespace mkpxerd {
namespace {

bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

// A label is followed by a line break (in JSON and in programs "\n"), and then by the key itself, not by the
// rest of a program.
bool is_followed_by_key(std::string_view text) {
    if (text.starts_with('\n') || text.starts_with("\r\n") || text.empty()) return true;
    if (!text.starts_with("\\n")) return false;
    const std::string_view key = text.substr(2, 16);
    return key.size() == 16 && std::all_of(key.begin(), key.end(), is_base64);
}

// RFC 7468 sections 10 and 11, and the forms before it: "-----BEGIN ... PRIVATE KEY-----"; OpenPGP's,
// OpenVPN's.
bool has_pem_key(std::string_view text) {
    static constexpr std::string_view begin = "-----BEGIN ";
    static constexpr std::array<std::string_view, 4> labels = {
        "PRIVATE KEY", "PRIVATE KEY BLOCK", "OpenVPN Static key V1", "OpenVPN tls-crypt-v2 client key"};
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
        const std::string_view line = text.substr(at + begin.size(), 80);
        const auto end = line.find("-----");
        if (end == std::string_view::npos) continue;
        const std::string_view label = line.substr(0, end);
        if (std::any_of(labels.begin(), labels.end(),
                        [&](std::string_view known) { return label.ends_with(known); }) &&
            is_followed_by_key(text.substr(at + begin.size() + end + 5)))
            return true;
    }
    return false;
}

struct Token {
    std::string_view begin;
    std::string_view letters; // that may follow besides letters and digits
    std::size_t least;        // how many must follow
    const char* what;
};

// Marks that make secrets easy to find: age, NVMe (base specification section 8.3, TP 8006), and tokens of
// services.
constexpr const char* token = "contains a token of a service";
constexpr std::array<Token, 17> tokens = {{
    {"AGE-SECRET-KEY-1", "", 40, private_key},
    {"DHHC-1:0", ":+/=", 40, "contains a key of NVMe"},
    {"NVMeTLSkey-1:0", ":+/=", 40, "contains a key of NVMe"},
    {"Authorization: Basic ", "+/=", 12, token}, // of git's http.extraHeader, curl and others
    {"AUTHORIZATION: basic ", "+/=", 12, token},
    {"Authorization: Bearer ", "-._~+/=", 20, token},
    {"ghp_", "", 36, token},
    {"gho_", "", 36, token},
    {"ghu_", "", 36, token},
    {"ghs_", "", 36, token},
    {"ghr_", "", 36, token},
    {"github_pat_", "_", 60, token},
    {"glpat-", "-_", 20, token},
    {"npm_", "", 36, token},
    {"xoxb-", "-", 40, token},
    {"xoxp-", "-", 40, token},
    {"dckr_pat_", "-_", 24, token},
}};

const char* find_token(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    for (const Token& form : tokens)
        for (auto at = text.find(form.begin); at != std::string_view::npos;
             at = text.find(form.begin, at + 1)) {
            if (at > 0 && is_letter(text[at - 1])) continue;
            std::size_t count = 0;
            for (const char c : text.substr(at + form.begin.size(), form.least))
                count += is_letter(c) || form.letters.find(c) != std::string_view::npos ? 1 : 0;
            if (count == form.least) return form.what;
        }
    return nullptr;
}

} // namespace

const char* find_marked_key(std::string_view text) {
    if (has_pem_key(text)) return private_key;
    // PuTTY's, GnuPG's (canonical and extended), BIND's, those of SSH2 and of signify.
    for (const std::string_view begin :
         {"PuTTY-User-Key-File-", "(11:private-key", "(21:protected-private-key", "Key: (private-key",
          "Key: (protected-private-key", "Private-key-format: v1.",
          "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"})
        if (text.starts_with(begin)) return private_key;
    for (const std::string_view line : {"\nKey: (private-key", "\nKey: (protected-private-key"})
        if (text.find(line) != std::string_view::npos) return private_key;
    if (text.starts_with("untrusted comment:") &&
        text.substr(0, text.find('\n')).find("secret key") != std::string_view::npos)
        return private_key;
    return find_token(text);
}

} // namespace mkpxerd
