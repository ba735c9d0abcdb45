// SPDX-License-Identifier: MIT
// The system's packages -> the loaders in a bundle.
#pragma once

#include <array>
#include <filesystem>
#include <set>
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
    std::vector<Problem> missing;           // each with its package
    std::set<std::string> files;            // places of those found, and of those that are present already
    std::set<std::string> passed_over = {}; // places of those that are present already, and installed as well
};

// The names of loaders: ipxe, snponly, pxelinux, lpxelinux, grub.
std::vector<std::string_view> loader_names();
// Where the user names no loader.
inline constexpr std::string_view default_loader = "ipxe";

// Firmware by how it loads: BIOS by TFTP, UEFI by TFTP, UEFI by HTTP. The snippets name their gaps so.
inline constexpr std::array<std::string_view, 3> firmware_names = {"bios", "uefi", "http"};

// What the firmware of a machine loads first.
struct BootFile {
    std::string_view firmware; // one of firmware_names
    std::string_view place;    // in the bundle
};
// At most one for each firmware.
std::vector<BootFile> boot_files(std::string_view loader);

// The files of a loader by its name: a missing file is an error, since the
// user asked for the loader by name.
Result<void> check_loaders(const LoaderSet& loaders, const std::vector<std::string>& names);

// root: "/", or another tree with installed packages. present: in the bundle; they stay, whatever is
// installed.
LoaderSet find_loaders(const std::filesystem::path& root, const std::set<std::string>& present = {});

// Whether this is the place of a loader's file in a bundle.
bool is_loader_file(std::string_view place);
// Whether it is that of an iPXE.
bool is_ipxe(std::string_view place);
// The files of loaders in a bundle.
std::set<std::string> loader_files_in(const std::filesystem::path& directory);

// The iPXEs that support https, as their content tells. bundle: has the files that are not in found.
std::set<std::string> https_loaders(const LoaderSet& loaders, const std::filesystem::path& bundle);

} // namespace mkpxerd::deploy
