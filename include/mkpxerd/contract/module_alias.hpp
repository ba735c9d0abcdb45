// SPDX-License-Identifier: MIT
// Names, files and aliases of kernel modules, compared as the kernel and kmod compare them.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// For a name or an alias: '-' becomes '_', except inside brackets (kmod's alias_normalize()).
std::string normal_module_name(std::string_view name);

// The path of a module without the suffix of its compression: "nfs.ko.zst" -> "nfs.ko".
std::string_view plain_module_path(std::string_view path);
// Does the path end like a module's file, compressed or not?
bool is_module_file(std::string_view path);
// "kernel/fs/nfs/nfs-layout.ko.zst" -> "nfs_layout" (kmod's path_to_modname()). Also accepts a bare name.
std::string module_name_of(std::string_view path);

// Does the pattern of an alias ("pci:v00008086d*") match a device's modalias, or a requested name?
bool alias_matches(std::string_view pattern, std::string_view name);

} // namespace mkpxerd
