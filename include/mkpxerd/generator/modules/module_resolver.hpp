// SPDX-License-Identifier: MIT
// FeatureSet + kernel tree -> ReadModules: patterns to modules, their dependencies and softdeps, their
// firmware. A module is wanted (module_closure.hpp), found, read, and at last a Module of the image
// (module_compression.hpp).
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/firmware_finder.hpp"
#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/module_file.hpp"
#include "mkpxerd/generator/modules/module_finder.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// A found module with the facts from its file.
struct ReadModule : FoundModule {
    ModuleFile file;
};

struct ReadModules {
    std::string kernel_version;
    std::vector<ReadModule> modules; // by path
    std::vector<Firmware> firmware;  // by path; links and their targets
    std::vector<MissingFirmware> missing_firmware;
    std::vector<LeftOut> left_out; // by --hardware; by module
    std::vector<Problem> warnings;
};

struct ModuleOptions {
    bool lenient = false;
    FirmwarePolicy firmware = FirmwarePolicy::All;
    bool strict_firmware = false;
    std::vector<Machine> machines{};          // empty: drivers for all hardware
    UndeclaredFirmware undeclared_firmware{}; // added if the tree has it
    PlainContents* contents = nullptr;        // keeps unpacked modules; may be nullptr
};

class ModuleResolver {
  public:
    // directory: real path of lib/modules/VERSION below the tree; lists: from read_kernel_lists.
    ModuleResolver(const Sysroot& tree, std::string kernel_version, std::string directory,
                   const KernelLists& lists, ModuleOptions options = {})
        : tree_(tree), kernel_version_(std::move(kernel_version)), directory_(std::move(directory)),
          lists_(lists), options_(std::move(options)) {}

    // Errors: a pattern that matches neither a module nor a built-in one, named by feature file and line; an
    // unreadable module; missing firmware, when that is an error.
    Result<ReadModules> resolve(const std::vector<Pattern>& patterns) const;

  private:
    const Sysroot& tree_;
    std::string kernel_version_;
    std::string directory_;
    const KernelLists& lists_;
    ModuleOptions options_;
};

} // namespace mkpxerd::generator
