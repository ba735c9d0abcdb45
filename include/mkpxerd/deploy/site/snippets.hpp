// SPDX-License-Identifier: MIT
// Configuration of loaders and servers: texts with placeholders (snippets/ of the data), filled with the
// values of a site.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

struct Snippet {
    std::string_view name;  // of its file in snippets/
    std::string_view place; // in a bundle
    std::string_view purpose;
    bool names_loader = false; // to machines, as a DHCP server
    bool announces_dns = false;
};
// All of them, loaders first.
std::span<const Snippet> snippets();

// Errors: an unknown name, with the nearest one; a placeholder without a value.
Result<std::string> fill_snippet(const std::filesystem::path& data_dir, const std::string& name,
                                 const SiteValues& values);

} // namespace mkpxerd::deploy
