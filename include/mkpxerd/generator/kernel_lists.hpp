// SPDX-License-Identifier: MIT
// depmod's text files of one kernel, read once for all stages that need them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct KernelLists {
    std::vector<std::string> modules; // paths below the module folder, in the order of modules.dep
    std::vector<std::string> builtin; // paths of what is built in
    std::map<std::string, std::vector<std::string>, std::less<>> aliases;  // module name -> its patterns
    std::map<std::string, std::vector<std::string>, std::less<>> weakdeps; // module name -> names
    std::map<std::string, std::string> texts; // file name -> content, as depmod wrote it
};

// folder: lib/modules/VERSION on this machine. Errors: modules.dep unreadable; any other list may be absent.
Result<KernelLists> read_kernel_lists(const std::filesystem::path& folder);

// "kernel/fs/nfs/nfs-layout.ko.zst" -> "nfs_layout".
std::string module_name_of(std::string_view path);
// Without .gz, .xz or .zst behind .ko.
std::string_view plain_module_path(std::string_view path);

} // namespace mkpxerd::generator
