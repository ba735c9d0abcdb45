// SPDX-License-Identifier: MIT
// depmod's text files of one kernel and its indexes, read once for all stages that need them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/kmod.hpp"

namespace mkpxerd::generator {

// Pieces of the texts, which a move leaves where they are and a copy would not.
struct KernelLists {
    using Pieces = std::map<std::string, std::vector<std::string_view>, std::less<>>;

    std::vector<std::string> modules;         // paths below the module folder, in the order of modules.dep
    Pieces dependencies;                      // module name -> paths, all of them, several in a piece
    std::vector<std::string> builtin;         // paths of what is built in
    Pieces aliases;                           // module name -> its patterns
    Pieces weakdeps;                          // module name -> names
    std::optional<wrap::KernelModules> index; // softdeps and names; there when read_kernel_lists made this
    std::map<std::string, std::string> texts; // file name -> content, as depmod wrote it

    KernelLists() = default;
    KernelLists(KernelLists&&) = default;
    KernelLists& operator=(KernelLists&&) = default;
};

// folder: lib/modules/VERSION on this machine. Errors: modules.dep, .alias, .softdep or .builtin absent (the
// others may be), a list that is there and cannot be read, a line that depmod would not write, named by file
// and line; an index that is absent or damaged.
Result<KernelLists> read_kernel_lists(const std::filesystem::path& folder);

// "kernel/fs/nfs/nfs-layout.ko.zst" -> "nfs_layout".
std::string module_name_of(std::string_view path);
// Without .gz, .xz or .zst behind .ko.
std::string_view plain_module_path(std::string_view path);

// Does a pattern of a .modules list match this module path? Pure. Components match as in a shell; a pattern
// that ends at a folder stands for all below it; "x.ko" also means x.ko.gz, x.ko.xz and x.ko.zst.
bool module_pattern_matches(std::string_view glob, std::string_view path);

} // namespace mkpxerd::generator
