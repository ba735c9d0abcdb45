// SPDX-License-Identifier: MIT
// The order of the checks: cheap and certain first.
#include "mkpxerd/secrets/secret_forms.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "marked_keys.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/image_paths.hpp"
#include "secret_keys.hpp"
#include "secret_lines.hpp"

namespace mkpxerd {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t largest_binary_key = 256 * 1024; // bytes; firmware is larger, or quickly ruled out

// Programs and modules contain the marks of keys but no keys; compressed files cannot be searched.
constexpr std::array other_starts = {
    "\x7f"
    "ELF"sv,      // programs, libraries, modules
    "\x1f\x8b"sv, // gzip
    "\xfd"
    "7zXZ\0"sv,           // xz
    "\x28\xb5\x2f\xfd"sv, // zstd
    "BZh"sv,              // bzip2
    "hsqs"sv,             // squashfs
};

bool is_text(std::string_view head) {
    return head.find('\0') == std::string_view::npos;
}

// Scripts assign variables, not secrets.
bool is_program(std::string_view text) {
    static constexpr std::array words = {"\nimport "sv, "\ndef "sv, "\nclass "sv, "\n#include "sv,
                                         "\nuse strict"sv};
    return text.starts_with("#!") || text.starts_with('<') ||
           std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// Random bytes have no form: these are recognised by the paths where programs expect them.
const char* find_by_place(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name == "crypto_keyfile.bin" || path.starts_with("etc/cryptsetup-keys.d/")) return is_disk_key;
    for (const std::string_view directory : {"etc/credstore/", "usr/lib/credstore/", "run/credstore/"})
        if (path.starts_with(directory)) return "is a credential of systemd";
    if (path == "var/lib/systemd/credential.secret") return "is the key of systemd's credentials";
    if (path == "etc/munge/munge.key" || path == "etc/corosync/authkey") return "is a key";
    return nullptr;
}

// options: each line is one of the kernel command line.
const char* find_in_line(std::string_view text, bool options) {
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view line = trim(take_line(text, at));
        if (line.empty() || line[0] == '#' || line[0] == ';') continue;
        if (line.find('$') != std::string_view::npos || line.find("SHA}") != std::string_view::npos ||
            line.find("grub.pbkdf2") != std::string_view::npos)
            if (holds_password_hash(line)) return "contains hashes of passwords";
        if (line.find("://") != std::string_view::npos && holds_password_url(line))
            return "contains a URL with a password";
        if (const char* what = options ? find_secret_option(line) : nullptr) return what;
    }
    return nullptr;
}

} // namespace

std::size_t secret_bytes_wanted(std::string_view head, std::uint64_t size) {
    for (const std::string_view begin : other_starts)
        if (head.starts_with(begin)) return 0;
    if (is_text(head)) return std::min<std::uint64_t>(size, secret_window);
    return size <= largest_binary_key ? size : head.size();
}

const char* find_secret(std::string_view path, std::string_view content, std::uint64_t size) {
    if (content.empty()) return nullptr;
    if (const char* what = find_by_place(path)) return what;
    if (secret_bytes_wanted(content.substr(0, secret_head), size) == 0) return nullptr;
    if (const char* what = find_binary_key(content, size)) return what;
    if (const char* what = find_marked_key(content)) return what;
    if (!is_text(content.substr(0, secret_head))) return nullptr;
    content = without_bom(content);
    if (const char* what = find_table(path, content)) return what;
    if (const char* what = find_in_line(content, path.starts_with(fmt::format("{}/", settings_directory))))
        return what;
    return is_program(content) ? nullptr : find_setting(path, content);
}

const char* find_secret_option(std::string_view command_line) {
    if (holds_userinfo(command_line)) return "has a URL with user and password";
    const CommandLine line = split_command_line(command_line);
    for (const CommandLineWord& word : line.words) {
        if (!word.value || word.value->empty()) continue;
        const std::string name = to_lower(word.name);
        for (const std::string_view end : {"password", "passwd", "passphrase", "password_in"})
            if (name.ends_with(end) && is_literal_secret(*word.value)) return "has a password";
        // Options of a file system, and dracut's "iscsi:USER:PASSWORD@HOST".
        for (const auto option : split(*word.value, ','))
            for (const std::string_view begin : {"password=", "passwd=", "pass=", "password2="})
                if (option.starts_with(begin) && is_literal_secret(option.substr(begin.size())))
                    return "has a password";
        const std::string_view value = *word.value;
        if (const auto at = value.rfind('@'); value.starts_with("iscsi:") && at != std::string_view::npos &&
                                              value.substr(6, at - 6).find(':') != std::string_view::npos)
            return "has a password";
        if (name.starts_with("systemd.set_credential") && value.find("password") != std::string_view::npos)
            return "has a password";
    }
    return holds_password_hash(command_line) ? "has the hash of a password" : nullptr;
}

std::vector<std::string> crypttab_key_files(std::string_view crypttab) {
    std::vector<std::string> files;
    for (const std::string_view line : split_lines(crypttab)) {
        const auto words = split_words(line); // name, device, key file, options: crypttab(5)
        if (words.size() < 3 || words[0].starts_with('#') || !words[2].starts_with('/') ||
            words[2].starts_with("/dev/"))
            continue;
        const std::string_view file = words[2].substr(0, words[2].find(':')); // "/key:LABEL=stick"
        files.emplace_back(file.substr(std::min(file.find_first_not_of('/'), file.size())));
    }
    return files;
}

} // namespace mkpxerd
