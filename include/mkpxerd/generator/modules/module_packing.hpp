// SPDX-License-Identifier: MIT
// ModuleSet -> the same modules, as the tree has them or unpacked: --modules.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ModulePacking {
  public:
    // config: the kernel's configuration, when it is at hand. compression: that of the image, by which sizes
    // are compared.
    ModulePacking(const std::optional<std::string>& config, ModulePolicy policy,
                  wrap::CompressorOptions compression)
        : config_(config), policy_(policy), compression_(std::move(compression)) {}

    // A set without packed modules comes back as it is. Errors: modules that are to be kept packed, and a
    // kernel that was built without what loads them; an unreadable module.
    Result<ModuleSet> apply(ModuleSet modules) const;

  private:
    Result<bool> keeps(ModuleSet& modules) const;
    Result<std::uint64_t> bytes_in_image(const ModuleSet& modules, bool unpacked) const;

    const std::optional<std::string>& config_;
    ModulePolicy policy_;
    wrap::CompressorOptions compression_;
};

} // namespace mkpxerd::generator
