// SPDX-License-Identifier: MIT
// One table of the settings that are secrets, with the context that they need.
#include <algorithm>
#include <array>
#include <vector>

#include "mkpxerd/base/text.hpp"
#include "secret_lines.hpp"

namespace mkpxerd {
namespace {

constexpr const char* password = "contains a password";
constexpr const char* wireless = "contains the key of a wireless network";
constexpr const char* wireguard = "contains a key of WireGuard";
constexpr const char* iscsi = "contains a CHAP password of iSCSI";
constexpr const char* radius = "contains a secret of RADIUS";
constexpr const char* shared = "contains a shared secret";

constexpr char any = '\0';
constexpr char space = ' ';

struct SecretSetting {
    std::string_view key;     // in small letters
    char separator;           // '=', ':', space, or any of them
    std::string_view context; // text that the file must contain as well; empty: none
    const char* what;
    std::size_t least = 1; // letters of the value
};

constexpr auto settings = std::to_array<SecretSetting>({
    // iscsid.conf, records of nodes, targets of LIO and tgt
    {"node.session.auth.password", any, "", iscsi},
    {"node.session.auth.password_in", any, "", iscsi},
    {"discovery.sendtargets.auth.password", any, "", iscsi},
    {"discovery.sendtargets.auth.password_in", any, "", iscsi},
    {"chap_password", any, "", iscsi},
    {"chap_mutual_password", any, "", iscsi},
    {"incominguser", space, "", iscsi},
    {"outgoinguser", space, "", iscsi},
    // wpa_supplicant.conf, hostapd.conf, NetworkManager, iwd; WPA has 8 letters at least
    {"psk", '=', "ssid", wireless, 8},
    {"wpa_psk", '=', "", wireless},
    {"wpa_passphrase", '=', "", wireless},
    {"sae_password", '=', "", wireless},
    {"wep_key0", '=', "", wireless},
    {"wep-key0", '=', "", wireless},
    {"leap-password", '=', "", wireless},
    {"passphrase", '=', "[Security]", wireless},
    {"presharedkey", '=', "[Security]", wireless},
    {"private_key_passwd", '=', "", password},
    {"private_key2_passwd", '=', "", password},
    {"private-key-password", '=', "", password},
    // RADIUS of hostapd and FreeRADIUS, BIND, swanctl
    {"auth_server_shared_secret", '=', "", radius},
    {"acct_server_shared_secret", '=', "", radius},
    {"secret", space, "algorithm", shared},
    {"secret", '=', " {\n", shared}, // in a block: openssl.cnf has examples of its own
    // clouds and registries
    {"aws_secret_access_key", any, "", "contains a key of AWS"},
    {"aws_session_token", any, "", "contains a key of AWS"},
    {"secret_key", '=', "access_key", "contains a key of a service"},
    {"plain_text_passwd", ':', "", password},
    {"password", ':', "#cloud-config", password},
    {"chpasswd", ':', "#cloud-config", password},
    {"client-key-data", ':', "", "contains a private key"},
    {"token", ':', "kind: Config", "contains a token of a service"},
    // installers
    {"rootpw", space, "", password},
    {"rootpw", '=', "", password},
    // LDAP
    {"bindpw", any, "", password},
    {"rootbindpw", any, "", password},
    {"ldap_default_authtok", '=', "", password},
    // SNMP: users of version 3
    {"createuser", space, "", password},
    {"usmuser", space, "", password},
    // clients: MySQL, PostgreSQL, wget, CIFS, mail and whatever else writes it so
    {"password", '=', "", password},
    {"passwd", '=', "", password},
    {"pass", '=', "user", password},
    {"passphrase", '=', "", password},
    {"authpass", '=', "", password}, // ssmtp.conf
    {"http_password", '=', "", password},
    {"http_passwd", '=', "", password},
    {"ftp_password", '=', "", password},
    {"proxy_password", '=', "", password},
    {"proxy_passwd", '=', "", password},
    {"password2", '=', "", password},
    {"pgpassword", '=', "", password},
    {"mysql_pwd", '=', "", password},
});

struct Line {
    std::string key; // in small letters
    char separator = space;
    std::string_view value;
};

// "key = value", "export key=value", "key: value", "key value", "\"key\": \"value\",".
Line split_line(std::string_view text) {
    for (const std::string_view word : {"export ", "set "})
        if (text.starts_with(word)) text = trim(text.substr(word.size()));
    Line line;
    const auto end = text.find_first_of("=: \t");
    if (end == std::string_view::npos) return line;
    line.key = to_lower(unquoted(text.substr(0, end)));
    std::string_view rest = trim(text.substr(end));
    if (!rest.empty() && (rest[0] == '=' || rest[0] == ':')) {
        line.separator = rest[0];
        rest = trim(rest.substr(1));
        if (rest.starts_with('=')) return {}; // a comparison
    }
    line.value = unquoted(rest);
    return line;
}

// Of .curlrc(5): "user = name:password", "--proxy-user name:password", "-u name:password".
bool is_curl_user(const Line& line, bool is_curl) {
    static constexpr std::array<std::string_view, 4> dashed = {"--user", "--proxy-user", "-u", "proxy-user"};
    const bool known = std::find(dashed.begin(), dashed.end(), line.key) != dashed.end() ||
                       (is_curl && (line.key == "user" || line.key == "oauth2-bearer" || line.key == "pass"));
    if (!known || line.value.empty()) return false;
    if (line.key == "oauth2-bearer" || line.key == "pass") return is_literal_secret(line.value);
    const auto colon = line.value.find(':');
    return colon != std::string_view::npos && colon > 0 && is_literal_secret(line.value.substr(colon + 1)) &&
           line.value.find_first_of(" \t/") == std::string_view::npos &&
           !parse_number(line.value.substr(colon + 1));
}

// Sections whose keys are secrets only there. section: in small letters.
const char* find_in_section(std::string_view section, const Line& line, bool is_conf) {
    const bool tunnel =
        section.starts_with("interface") || section.starts_with("peer") || section.starts_with("wireguard");
    if (line.separator == '=' && (is_conf || tunnel) &&
        (line.key == "privatekey" || line.key == "presharedkey" || line.key == "private-key" ||
         line.key == "preshared-key"))
        return is_literal_secret(line.value) || line.value.starts_with('/') ? wireguard : nullptr;
    if (line.key == "key" && line.separator == '=' && section.starts_with("macsec") &&
        line.value.size() >= 32)
        return "contains a key of MACsec";
    // Ceph: "[client.admin]" and 40 letters of base64.
    if (line.key == "key" && line.value.size() >= 36 && line.value.ends_with('=') &&
        section.find('.') != std::string_view::npos)
        return "contains a key of Ceph";
    if (section == "vpn-secrets" && is_literal_secret(line.value)) return password;
    return nullptr;
}

// mount options of fstab(5): "password=..." of a CIFS share.
bool is_mount_with_password(std::string_view text) {
    const auto words = split_words(text);
    if (words.size() < 4) return false;
    for (const auto option : split(words[3], ','))
        for (const std::string_view begin : {"password=", "pass=", "passwd=", "password2="})
            if (option.starts_with(begin) && is_literal_secret(option.substr(begin.size()))) return true;
    return false;
}

// "\"key\": \"value\"" with a value, anywhere in the text.
bool has_json_text(std::string_view text, std::string_view key) {
    const std::string quoted = '"' + std::string(key) + '"';
    for (auto at = text.find(quoted); at != std::string_view::npos; at = text.find(quoted, at + 1)) {
        std::string_view rest = trim(text.substr(at + quoted.size(), 256));
        if (!rest.starts_with(':')) continue;
        rest = trim(rest.substr(1));
        if (rest.starts_with('"') && is_literal_secret(rest.substr(1, rest.find('"', 1) - 1))) return true;
    }
    return false;
}

const char* find_in_json(std::string_view text) {
    const bool has_logins = text.find("\"auths\"") != std::string_view::npos;
    if (has_logins && has_json_text(text, "auth")) return "contains logins of registries";
    // RFC 7517 and 7518: "d" is the private part, "k" a symmetric key.
    if (text.find("\"kty\"") != std::string_view::npos &&
        (has_json_text(text, "d") || has_json_text(text, "k")))
        return "contains a private key";
    for (const std::string_view key :
         {"password", "identitytoken", "chap_password", "client_secret", "passphrase"})
        if (has_json_text(text, key)) return password;
    return nullptr;
}

bool matches(const SecretSetting& setting, const Line& line, std::string_view text) {
    if (setting.key != line.key || (setting.separator != any && setting.separator != line.separator) ||
        line.value.size() < setting.least)
        return false;
    std::string_view value = line.value;
    if (setting.key == "createuser" && split_words(value).size() < 3) return false; // no password of its own
    if (setting.key == "rootpw" && value.starts_with("--plaintext ")) value = trim(value.substr(12));
    // wpa_supplicant has it elsewhere. A setting that can only be a password may have any value.
    if (value.starts_with("ext:") ||
        (setting.what == password ? !is_literal_secret(value)
                                  : value.front() != '$' && is_placeholder(value)))
        return false;
    return setting.context.empty() || text.find(setting.context) != std::string_view::npos;
}

} // namespace

const char* find_setting(std::string_view path, std::string_view text) {
    if (const std::string_view begin = trim(text); begin.starts_with('{') || begin.starts_with('['))
        if (const char* what = find_in_json(text)) return what;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const bool is_conf = path.ends_with(".conf");
    const bool is_curl = name.find("curl") != std::string_view::npos;
    const bool is_mail =
        name.find("msmtprc") != std::string_view::npos || name.find("fetchmailrc") != std::string_view::npos;
    std::string section;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view whole = trim(take_line(text, at));
        if (whole.empty() || whole[0] == '#' || whole[0] == ';') continue;
        if (whole[0] == '[' && whole.ends_with(']')) {
            section = to_lower(whole.substr(1, whole.size() - 2));
            continue;
        }
        const Line line = split_line(whole);
        if (line.key.empty() || line.value.empty()) continue;
        if (const char* what = find_in_section(section, line, is_conf)) return what;
        if (is_curl_user(line, is_curl)) return password;
        // .npmrc: "//registry.example/:_authToken=TEXT"
        for (const std::string_view word : {":_authToken=", ":_password="})
            if (const auto found = whole.find(word);
                found != std::string_view::npos && is_literal_secret(whole.substr(found + word.size())))
                return "contains a token of a service";
        for (const SecretSetting& setting : settings)
            if (matches(setting, line, text)) return setting.what;
        if (is_mail && line.key == "password" && is_literal_secret(line.value)) return password;
        if (whole.find("pass") != std::string_view::npos && is_mount_with_password(whole)) return password;
    }
    return nullptr;
}

} // namespace mkpxerd
