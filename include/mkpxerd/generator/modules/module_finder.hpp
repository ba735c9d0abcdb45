// SPDX-License-Identifier: MIT
// Wanted modules -> their files in the tree.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/features/stage_findings.hpp"
#include "mkpxerd/generator/modules/module_closure.hpp"

namespace mkpxerd::generator {

// A module whose file was found in the tree.
struct FoundModule {
    std::string name;       // as lsmod shows it: '_' for '-'
    std::string path;       // in the image, below the module directory, compressed as in the tree
    TreePath source;        // content
    std::uint64_t size = 0; // bytes of it
    Reason reason;
};

// By path. directory: real path of the module directory. Problems: missing modules, in the order of
// modules.dep.
std::vector<FoundModule> find_modules(const std::map<std::string, WantedModule>& wanted_by_name,
                                      const Sysroot& tree, const std::string& directory,
                                      StageFindings& findings);

} // namespace mkpxerd::generator
