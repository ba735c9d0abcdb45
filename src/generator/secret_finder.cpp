// SPDX-License-Identifier: MIT
// An image on a web server is public; whoever can fetch it has every key in it.
#include "mkpxerd/generator/secret_finder.hpp"

#include <algorithm>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"

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

} // namespace

Result<std::vector<Problem>> find_secrets(const ImageTree& tree) {
    std::vector<Problem> secrets;
    for (const ImageEntry& entry : tree.entries) {
        const auto* source = std::get_if<std::filesystem::path>(&entry.content);
        if (!S_ISREG(entry.mode) || source == nullptr || entry.size == 0) continue;
        if ((entry.mode & 077U) == 0) {
            secrets.push_back({entry.path, "only its owner may read it", {}, {}});
            continue;
        }
        if (entry.size > largest_key_file || entry.path.find(".ko") != std::string::npos) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_file(*source));
        // A program that knows the words is not a key.
        if (!text.starts_with("\x7f"
                              "ELF") &&
            holds_private_key(text))
            secrets.push_back({entry.path, "holds a private key", {}, {}});
    }
    return secrets;
}

} // namespace mkpxerd::generator
