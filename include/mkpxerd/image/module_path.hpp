// SPDX-License-Identifier: MIT
// Path in an image -> facts about kernel modules and firmware. /lib and /usr/lib are the same here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mkpxerd::image {

struct ModuleDirectoryPath {
    std::string_view version; // "6.1.0-56-amd64"
    std::string_view rest;    // "kernel/fs/nfs/nfs.ko", "modules.dep"; empty: the directory itself
};
// nullopt: not below lib/modules/VERSION.
std::optional<ModuleDirectoryPath> module_directory_path(std::string_view path);

// "nfs" of ".../nfs.ko", ".../nfs.ko.xz"; '-' becomes '_' as lsmod shows it. "" if the path is not a module.
std::string module_name(std::string_view path);

// "net/ethernet" of "lib/modules/6.1/kernel/drivers/net/ethernet/intel/e1000/e1000.ko"; "" if the
// path is not a module.
std::string module_family(std::string_view path);

// "intel/ice.pkg" of "lib/firmware/intel/ice.pkg"; "" if the path is not firmware.
std::string_view firmware_path(std::string_view path);

} // namespace mkpxerd::image
