// SPDX-License-Identifier: MIT
// depmod's text files of one kernel, and those of its build, read once for all stages that need them.
// depmod's binary indexes say the same again: libkmod looks names up in them, and where one is missing or
// damaged the texts are enough.
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
    struct Listed {
        std::string_view path;                      // as modules.dep has it; empty: built in
        std::vector<std::string_view> dependencies; // paths, several in a piece
    };
    struct Softdep {
        std::vector<std::string_view> pre; // names or aliases
        std::vector<std::string_view> post;
    };

    // Paths below the module directory, in the order of modules.dep; those of depmod's "external" are
    // absolute.
    std::vector<std::string> modules;
    std::vector<std::string> builtin;                     // paths of what is built in
    std::map<std::string, Listed, std::less<>> by_name;   // loadable and built in
    Pieces aliases;                                       // module name -> its patterns, built in or not
    std::map<std::string, Softdep, std::less<>> softdeps; // by module name: all lines of a module in one
    Pieces weakdeps;                                      // module name -> names
    Pieces builtin_firmware;                              // name of a built-in module -> firmware names
    std::map<std::string, std::string> texts;             // file name -> content
    // Plain path of a module that lies outside kernel/ -> where the kernel has its own of that name, or would
    // have such a driver. Filled by find_homes (module_homes.hpp).
    std::map<std::string, std::string, std::less<>> homes;
    std::vector<Problem> warnings;           // lists that are missing, and what of it
    std::optional<wrap::ModuleLookup> index; // none: depmod's indexes are not all there and sound

    // By this path a module is told by directory, wherever depmod found it.
    std::string_view home(std::string_view path) const;
    // Names of all modules of the lists that a name or an alias stands for, by libkmod or as it looks them
    // up; empty: unknown.
    std::vector<std::string_view> lookup(std::string_view name_or_alias) const;

    KernelLists() = default;
    KernelLists(KernelLists&&) = default;
    KernelLists& operator=(KernelLists&&) = default;
};

// directory: lib/modules/VERSION. Errors: modules.dep absent, and modules there; a list that is
// there and cannot be read, a line that depmod would not write, named by file and line.
Result<KernelLists> read_kernel_lists(const TreePath& directory);

// The command that makes depmod's lists of lib/modules/VERSION: "depmod -b ROOT VERSION".
std::string depmod_command(const std::filesystem::path& directory);

// "kernel/fs/nfs/nfs-layout.ko.zst" -> "nfs_layout".
std::string module_name_of(std::string_view path);
// Without .gz, .xz or .zst behind .ko.
std::string_view plain_module_path(std::string_view path);
// Where a module of modules.dep lies in the image, below the module directory: "/opt/x.ko" ->
// "external/opt/x.ko".
std::string image_module_path(std::string_view path);

// Does a pattern of a .modules list match this module path? Pure. Components match as in a shell; a pattern
// that ends at a directory stands for all below it; "x.ko", "x.ko.gz", "x.ko.xz" and "x.ko.zst" mean each
// other.
bool module_pattern_matches(std::string_view glob, std::string_view path);

} // namespace mkpxerd::generator
