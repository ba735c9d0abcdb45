// SPDX-License-Identifier: MIT
// The system's packages -> the loaders in a bundle.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

struct Loader {
    std::string place;            // in the bundle
    std::filesystem::path source; // where it is installed
};

struct LoaderSet {
    std::vector<Loader> found;
    std::vector<Problem> missing; // each with its package
};

// The names of loaders: ipxe, pxelinux, lpxelinux, grub.
std::vector<std::string_view> loader_names();
// Where the user names no loader.
inline constexpr std::string_view default_loader = "ipxe";

// What the firmware of a machine loads first.
struct BootFile {
    std::string_view firmware; // "bios" or "uefi", as the snippets name the gap
    std::string_view place;    // in the bundle
};
// At most one for each firmware.
std::vector<BootFile> boot_files(std::string_view loader);

// The files of a loader by its name: a missing file is an error, since the
// user asked for the loader by name.
Result<void> check_loaders(const LoaderSet& loaders, const std::vector<std::string>& names);

// root: "/", or another tree with installed packages.
LoaderSet find_loaders(const std::filesystem::path& root);

} // namespace mkpxerd::deploy
