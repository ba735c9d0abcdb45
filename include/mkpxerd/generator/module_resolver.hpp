// SPDX-License-Identifier: MIT
// FeatureSet + kernel tree -> ModuleSet: patterns to modules, their dependencies and softdeps, their firmware.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ModuleResolver {
  public:
    // directory: real path of lib/modules/VERSION below the tree.
    ModuleResolver(const Sysroot& tree, std::string kernel_version, std::string directory)
        : tree_(tree), kernel_version_(std::move(kernel_version)), directory_(std::move(directory)) {}

    // Errors: a pattern that matches neither a module nor a built-in one, named by feature file and line;
    // a kernel tree without modules.dep; an unreadable module.
    Result<ModuleSet> resolve(const std::vector<Pattern>& patterns) const;

  private:
    const Sysroot& tree_;
    std::string kernel_version_;
    std::string directory_;
};

// Does a pattern of a .modules list match this module path? Pure. Components match as in a shell; a pattern that
// ends at a folder stands for all below it; "x.ko" also means x.ko.gz, x.ko.xz and x.ko.zst.
bool module_pattern_matches(std::string_view glob, std::string_view path);

// "kernel/fs/nfs/nfs-layout.ko.zst" -> "nfs_layout".
std::string module_name_of(std::string_view path);

} // namespace mkpxerd::generator
