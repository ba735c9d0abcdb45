// SPDX-License-Identifier: MIT
// A bundle's scripts -> the kernel command lines that its loaders hand out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

struct BundleLine {
    std::string script;         // path below the bundle
    std::string text;           // as the kernel gets it from the first card of a machine, without initrd=
    bool is_of_machine = false; // mac/*.ipxe, pxelinux.cfg/01-*: other machines do not get it
};

// The first command of an iPXE script with this word and space: the rest of its line. It may follow a
// condition.
std::optional<std::string_view> rest_of_command(std::string_view script, std::string_view word);
// What the first kernel that an iPXE script loads gets: after its name, up to what follows if loading fails.
std::optional<std::string_view> kernel_options(std::string_view script);

// Whether the directory has the script that makes it a bundle.
bool is_bundle(const std::filesystem::path& directory);
// The problem of one that has not.
Problem no_bundle(const std::filesystem::path& directory);

// The line of boot.ipxe, then those of other scripts with other words, those of machines last. Errors: the
// directory is no bundle; a script that cannot be read; a boot.ipxe that loads no kernel.
Result<std::vector<BundleLine>> read_bundle_lines(const std::filesystem::path& directory);

// The archive that the script of a machine has iPXE load after the image, as a path below the bundle. Empty:
// none, or only iPXE knows its name.
std::string archive_of(std::string_view script);
// The problem that the bundle lacks that archive. name: of the script, below the bundle.
std::optional<Problem> find_missing_archive(const std::filesystem::path& directory, const std::string& name,
                                            std::string_view script);
// Those of all scripts of machines.
Result<std::vector<Problem>> find_missing_archives(const std::filesystem::path& directory);

// Options of the lines that pin a file of the bundle to another hash than SHA256SUMS has: `bundle` writes no
// scripts of single machines.
std::vector<Problem> find_stale_pins(const std::filesystem::path& directory,
                                     const std::vector<BundleLine>& lines);

} // namespace mkpxerd::deploy
