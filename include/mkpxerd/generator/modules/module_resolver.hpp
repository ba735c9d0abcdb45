// SPDX-License-Identifier: MIT
// FeatureSet + kernel tree -> ModuleSet: patterns to modules, their dependencies and softdeps, their
// firmware.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/firmware_finder.hpp"
#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct ModuleOptions {
    bool lenient = false;
    FirmwarePolicy firmware = FirmwarePolicy::All;
    bool strict_firmware = false;
    std::vector<Machine> machines{};          // empty: drivers for all hardware
    UndeclaredFirmware undeclared_firmware{}; // taken where the tree has it
};

class ModuleResolver {
  public:
    // directory: real path of lib/modules/VERSION below the tree; lists: what read_kernel_lists made of it.
    ModuleResolver(const Sysroot& tree, std::string kernel_version, std::string directory,
                   const KernelLists& lists, ModuleOptions options = {})
        : tree_(tree), kernel_version_(std::move(kernel_version)), directory_(std::move(directory)),
          lists_(lists), options_(std::move(options)) {}

    // Errors: a pattern that matches neither a module nor a built-in one, named by feature file and line; an
    // unreadable module; missing firmware, when that is an error.
    Result<ModuleSet> resolve(const std::vector<Pattern>& patterns) const;

  private:
    const Sysroot& tree_;
    std::string kernel_version_;
    std::string directory_;
    const KernelLists& lists_;
    ModuleOptions options_;
};

} // namespace mkpxerd::generator
