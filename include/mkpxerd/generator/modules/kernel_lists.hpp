// SPDX-License-Identifier: MIT
// depmod's text files of one kernel, and those of its build, read once for all stages. depmod's binary
// indexes contain the same facts: libkmod looks names up in them; if one is missing or damaged, the text
// files suffice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/generator/modules/module_names.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/kmod.hpp"

namespace mkpxerd::generator {

// Its views point into the texts: a move keeps them valid, a copy would not.
struct KernelLists {
    using Pieces = std::map<std::string, std::vector<std::string_view>, std::less<>>;
    struct Listed {
        std::string_view path;                      // as in modules.dep; empty: built in
        std::vector<std::string_view> dependencies; // paths, several in a piece
    };
    struct Softdep {
        std::vector<std::string_view> pre; // names or aliases
        std::vector<std::string_view> post;
    };

    // Paths below the module directory, in the order of modules.dep; those of depmod's "external" are
    // absolute.
    std::vector<std::string> modules;
    std::vector<std::string> builtin;                     // paths of built-in modules
    std::map<std::string, Listed, std::less<>> by_name;   // loadable and built in
    Pieces aliases;                                       // module name -> its patterns, built in or not
    std::map<std::string, Softdep, std::less<>> softdeps; // by module name: all lines of a module in one
    Pieces weakdeps;                                      // module name -> names
    Pieces builtin_firmware;                              // name of a built-in module -> firmware names
    std::map<std::string, std::string> texts;             // file name -> content
    // Plain path of a module outside kernel/ -> the kernel's place for a module of that name or kind. Filled
    // by find_homes (module_homes.hpp).
    std::map<std::string, std::string, std::less<>> homes;
    std::vector<Problem> warnings;           // missing lists, and the consequences
    std::optional<wrap::ModuleLookup> index; // nullopt: one of depmod's indexes is missing or damaged

    // The path whose directory shows the kind of the module, wherever depmod found it.
    std::string_view home(std::string_view path) const;
    // Names of all listed modules for a name or an alias, by libkmod or by the same rules; empty: unknown.
    std::vector<std::string_view> lookup(std::string_view name_or_alias) const;

    KernelLists() = default;
    KernelLists(KernelLists&&) = default;
    KernelLists& operator=(KernelLists&&) = default;
};

// directory: lib/modules/VERSION. Errors: modules.dep is missing although there are modules; a list that
// exists but cannot be read; a line that depmod would not write, with file and line.
Result<KernelLists> read_kernel_lists(const TreePath& directory);

// The command that creates depmod's lists in lib/modules/VERSION: "depmod -b ROOT VERSION".
std::string depmod_command(const std::filesystem::path& directory);

} // namespace mkpxerd::generator
