// SPDX-License-Identifier: MIT
// ModuleSet -> the same modules, as the tree has them or unpacked: --modules.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ModulePacking {
  public:
    // tree: where the kernel's configuration may lie. compression: that of the image, by which sizes are
    // compared.
    ModulePacking(const Sysroot& tree, ModulePolicy policy, wrap::CompressorOptions compression)
        : tree_(tree), policy_(policy), compression_(compression) {}

    // A set without packed modules comes back as it is. Errors: modules that are to be kept packed, and a
    // kernel that was built without what loads them; an unreadable module.
    Result<ModuleSet> apply(ModuleSet modules) const;

  private:
    Result<bool> keeps(ModuleSet& modules) const;
    Result<std::uint64_t> bytes_in_image(const ModuleSet& modules, bool unpacked) const;

    const Sysroot& tree_;
    ModulePolicy policy_;
    wrap::CompressorOptions compression_;
};

} // namespace mkpxerd::generator
