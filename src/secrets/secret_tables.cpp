// SPDX-License-Identifier: MIT
// Files that are lists of secrets. Each is recognised by its grammar, line by line; if lines are plain words,
// the name of the file decides.
#include <algorithm>
#include <array>
#include <vector>

#include "mkpxerd/base/text.hpp"
#include "secret_lines.hpp"

namespace mkpxerd {
namespace {

constexpr const char* passwords = "contains passwords";

bool is_comment(std::string_view line) {
    return line.empty() || line[0] == '#' || line[0] == ';';
}

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// netrc(5): "machine NAME login NAME password TEXT" over one line or several, "default", "macdef".
bool is_netrc(std::string_view text) {
    static constexpr std::array<std::string_view, 5> pairs = {"machine", "login", "account", "password",
                                                              "port"};
    bool machine = false;
    bool password = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = trim(take_line(text, at));
        if (is_comment(line)) continue;
        for (std::size_t place = 0;;) {
            const std::string_view word = take_word(line, place);
            if (word.empty()) break;
            if (word == "macdef") return password; // FTP commands follow
            if (word == "default") {
                machine = true;
                continue;
            }
            if (std::find(pairs.begin(), pairs.end(), word) == pairs.end()) return false;
            if (!machine && word != "machine") return false;
            machine = true;
            std::string_view value = take_word(line, place);
            // The value may be in the next line.
            while (value.empty() && at < text.size()) {
                std::size_t inner = 0;
                const std::string_view next = trim(take_line(text, at));
                value = take_word(next, inner);
                if (inner < next.size()) return password;
            }
            password = password || (word == "password" && is_literal_secret(unquoted(value)));
        }
    }
    return password;
}

// Fields between ':' without a backslash before it.
std::vector<std::string_view> colon_fields(std::string_view line) {
    std::vector<std::string_view> fields;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i < line.size() && line[i] == '\\') {
            ++i;
            continue;
        }
        if (i < line.size() && line[i] != ':') continue;
        fields.push_back(line.substr(begin, i - begin));
        begin = i + 1;
    }
    return fields;
}

// What libpq reads: host:port:database:user:password.
bool is_pgpass_line(const std::vector<std::string_view>& fields) {
    return fields.size() == 5 && !fields[4].empty() &&
           (fields[1] == "*" || (parse_number(fields[1]) && *parse_number(fields[1]) > 99)) &&
           std::none_of(fields.begin(), fields.begin() + 4, [](std::string_view field) {
               return field.find_first_of(" \t/") != std::string_view::npos;
           });
}

// crypt(5): 13 letters of the old DES, in shadow(5) with its 9 fields, passwd(5) with 7, master.passwd
// with 10.
bool is_des_line(const std::vector<std::string_view>& fields) {
    const auto number = [&](std::size_t i) { return fields[i].empty() || parse_number(fields[i]); };
    const bool is_form =
        (fields.size() == 9 && number(2) && number(3)) ||
        ((fields.size() == 7 || fields.size() == 10) && parse_number(fields[2]) && parse_number(fields[3]));
    return is_form && fields[1].size() == 13 && std::all_of(fields[1].begin(), fields[1].end(), [](char c) {
               return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

// smbpasswd(5): name:uid:LANMAN hash:NT hash:[flags]:LCT-...
bool is_samba_line(const std::vector<std::string_view>& fields) {
    return fields.size() >= 5 && parse_number(fields[1]) && fields[3].size() == 32 &&
           is_hexadecimal(fields[3]) && fields[4].starts_with("[");
}

// ipsec.secrets(5): "SELECTORS : PSK "TEXT"", also XAUTH, EAP, NTLM; a line that only names a key file is not
// a secret.
bool is_ipsec_line(std::string_view line) {
    for (auto at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1)) {
        if (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t') continue;
        std::size_t place = at + 1;
        const std::string kind = to_lower(take_word(line, place));
        const std::string_view value = trim(line.substr(std::min(place, line.size())));
        const bool is_text = (value.size() > 2 && (value[0] == '"' || value[0] == '\'')) ||
                             (value.size() > 2 && value[0] == '0' && (value[1] == 's' || value[1] == 'x'));
        for (const std::string_view known : {"psk", "xauth", "eap", "ntlm"})
            if (kind == known && is_text) return true;
        if (kind != "rsa" && kind != "ecdsa" && kind != "pkcs8" && kind != "pkcs12") continue;
        // The passphrase of a key file.
        if (value.find(" \"") != std::string_view::npos && value.find("\"\"") == std::string_view::npos)
            return true;
    }
    return false;
}

struct NamedTable {
    std::string_view name; // last part of the path
    std::size_t words;     // in a line, at least
    std::size_t secret;    // the index of the secret
};
// pppd(8), racoon(8), postfix's and PAM's; their lines consist only of words.
constexpr std::array<NamedTable, 7> named_tables = {{
    {"chap-secrets", 3, 2},
    {"pap-secrets", 3, 2},
    {"srp-secrets", 3, 2},
    {"psk.txt", 2, 1},
    {"sasl_passwd", 2, 1},
    {"pam_radius_auth.conf", 2, 1},
    {"pam_radius.conf", 2, 1},
}};

bool is_named_table(std::string_view path, std::string_view text) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const auto* table = std::find_if(named_tables.begin(), named_tables.end(),
                                     [&](const NamedTable& known) { return known.name == name; });
    if (table == named_tables.end()) return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = trim(take_line(text, at));
        if (is_comment(line)) continue;
        const auto words = split_words(line);
        if (words.size() >= table->words && is_literal_secret(unquoted(words[table->secret]))) return true;
    }
    return false;
}

} // namespace

const char* find_table(std::string_view path, std::string_view text) {
    if (is_netrc(text)) return passwords;
    if (is_named_table(path, text)) return passwords;
    bool only_pgpass = true;
    bool pgpass = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = trim(take_line(text, at));
        if (is_comment(line)) continue;
        if (line.find(':') == std::string_view::npos) {
            only_pgpass = false;
            continue;
        }
        if (is_ipsec_line(line)) return "contains secrets of IPsec";
        if (line.size() > 1024) continue; // no such line
        const auto fields = colon_fields(line);
        if (is_des_line(fields) || is_samba_line(fields)) return "contains hashes of passwords";
        const bool fits = is_pgpass_line(fields);
        pgpass = pgpass || fits;
        only_pgpass = only_pgpass && fits;
    }
    return pgpass && only_pgpass ? passwords : nullptr;
}

} // namespace mkpxerd
