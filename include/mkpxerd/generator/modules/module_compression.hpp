// SPDX-License-Identifier: MIT
// ReadModules -> the modules of the image, compressed as in the tree or unpacked: --modules.
#pragma once

#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct ModuleCompressionOptions {
    const std::optional<std::string>& kernel_config; // when it is available
    ModulePolicy policy = ModulePolicy::Smaller;
    const wrap::CompressorOptions& compression; // of the image: this compares compressed sizes
};

bool has_compressed_modules(const ReadModules& modules);
// Errors: modules that must stay compressed for a kernel that cannot load them; an unreadable module.
Result<ModuleSet> place_modules(ReadModules modules, const ModuleCompressionOptions& options);

} // namespace mkpxerd::generator
