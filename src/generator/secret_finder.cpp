// SPDX-License-Identifier: MIT
// An image on a web server is public; whoever can fetch it has every key in it.
#include "mkpxerd/generator/secret_finder.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::uint64_t largest_key_file =
    256 * 1024; // bytes; keys are small, and modules need not be read twice

bool holds_private_key(std::string_view text) {
    // RFC 7468 section 10 and 11, and the forms of OpenSSL and OpenSSH before it: "-----BEGIN ... PRIVATE
    // KEY-----".
    for (auto at = text.find("PRIVATE KEY-----"); at != std::string_view::npos;
         at = text.find("PRIVATE KEY-----", at + 1)) {
        const auto begin = text.substr(0, at).rfind("-----BEGIN ");
        if (begin != std::string_view::npos &&
            text.substr(begin, at - begin).find('\n') == std::string_view::npos)
            return true;
    }
    return false;
}

// "PrivateKey = BASE64" and "PresharedKey = BASE64" of wg(8), which knows its keywords in any case.
bool holds_wireguard_key(std::string_view text) {
    for (const std::string_view line : split_lines(text)) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || trim(line.substr(equals + 1)).empty()) continue;
        const std::string keyword = to_lower(trim(line.substr(0, equals)));
        if (keyword == "privatekey" || keyword == "presharedkey") return true;
    }
    return false;
}

// "SCHEME://USER:PASSWORD@HOST" (RFC 3986 section 3.2.1); a token may stand there alone.
bool holds_userinfo(std::string_view text) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const auto authority = text.substr(at + 3, text.substr(at + 3).find_first_of("/?# \t\n\"'|<>()"));
        if (const auto end = authority.rfind('@'); end != std::string_view::npos && end > 0) return true;
    }
    return false;
}

// What the text gives away; nullptr: nothing known.
const char* secret_in(const std::string& path, std::string_view text) {
    // A program that knows the words is not a key.
    if (text.starts_with("\x7f"
                         "ELF"))
        return nullptr;
    if (holds_private_key(text)) return "holds a private key";
    if (path.ends_with(".conf") && holds_wireguard_key(text)) return "holds a key of WireGuard";
    return nullptr;
}

constexpr const char* not_for_all = "others may not read it";

const TreePath* source_of(const ImageEntry& entry) {
    if (const auto* packed = std::get_if<PackedFile>(&entry.content)) return &packed->source;
    return std::get_if<TreePath>(&entry.content);
}

// A group that may read it does not make it public.
bool is_for_all(const TreePath& source) {
    struct stat st {};
    const UniqueFd fd = source.try_open(O_PATH);
    return !fd || ::fstat(fd.get(), &st) != 0 || (st.st_mode & S_IROTH) != 0;
}

} // namespace

Result<std::vector<Problem>> find_secrets(const ImageTree& tree, const BuildRequest& request) {
    std::vector<Problem> secrets;
    const auto add = [&](const std::string& path, const char* what) {
        secrets.push_back({path, what, {}, {}});
    };
    // One that the user names may hold anything; ours has a plain twin and no secret, however it was
    // installed.
    const bool own_init = !request.plain_init_program.empty();
    if (holds_userinfo(tree.config.cmdline))
        add(std::string(boot_config_path), "has a URL with user and password");
    for (const ImageEntry& entry : tree.entries) {
        if (!S_ISREG(entry.mode) || entry.size == 0) continue;
        const TreePath* source = source_of(entry);
        if (source == nullptr) {
            if (const char* what = secret_in(entry.path, std::get<std::string>(entry.content)))
                add(entry.path, what);
            continue;
        }
        if ((entry.mode & 04U) == 0 || (!is_for_all(*source) && !(own_init && entry.path == init_path))) {
            add(entry.path, not_for_all);
            continue;
        }
        if (entry.size > largest_key_file || entry.path.find(".ko") != std::string::npos) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(*source));
        if (const char* what = secret_in(entry.path, text)) add(entry.path, what);
    }
    for (const auto* archives : {&request.prepend, &request.append})
        for (const TreePath& archive : *archives)
            if (!is_for_all(archive)) add(archive.string(), not_for_all);
    return secrets;
}

} // namespace mkpxerd::generator
