// SPDX-License-Identifier: MIT
// ReadModules -> the modules of the image, compressed as in the tree, packed or unpacked: --modules.
#pragma once

#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct ModuleCompressionOptions {
    const std::optional<std::string>& kernel_config; // when it is available
    ModulePolicy policy = ModulePolicy::Smaller;
    bool own_init = false;                      // it unpacks modules itself
    const wrap::CompressorOptions& compression; // of the image: this compares compressed sizes
    WriteProgress progress{};                   // of packing; may be empty
};

bool has_compressed_modules(const ReadModules& modules);
// Does it depend on the kernel's configuration which form the modules get?
bool needs_kernel_config(const ReadModules& modules, const ModuleCompressionOptions& options);
// Errors: modules that must be compressed for a kernel that cannot load them; an unreadable module.
Result<ModuleSet> place_modules(ReadModules modules, const ModuleCompressionOptions& options);

} // namespace mkpxerd::generator
