// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/own_file.hpp"

#include <set>

#include "mkpxerd/deploy/site/loaders.hpp"
#include "mkpxerd/deploy/site/snippets.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+:~-";

// Files and directories of a bundle, right below it. mac: scripts of single machines.
std::set<std::string> names_of_bundle() {
    std::set<std::string> names = {"vmlinuz", "pxerd", "modloop", "modloop.input", "SHA256SUMS", "mac"};
    const auto add = [&](const fs::path& place) { names.insert(place.begin()->string()); };
    for (const Snippet& snippet : snippets())
        add(std::string(snippet.place));
    // Where nothing is installed, all are missing.
    for (const Problem& loader : find_loaders("/dev/null").missing)
        add(loader.object);
    return names;
}

} // namespace

Result<std::string> own_file_name(const fs::path& file) {
    const std::string name = file.filename().string();
    if (name.empty() || name.starts_with('.') || name.find_first_not_of(url_letters) != std::string::npos)
        return fail(file.string(), "its name cannot be part of a URL",
                    "letters, digits and ._+:~- are safe, and a dot is not the first of them");
    if (names_of_bundle().contains(name))
        return fail(file.string(), "has the name of a file that every bundle contains", "rename it");
    return name;
}

} // namespace mkpxerd::deploy
