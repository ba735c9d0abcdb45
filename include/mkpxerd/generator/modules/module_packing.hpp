// SPDX-License-Identifier: MIT
// ReadModules -> the modules of the image, packed as in the tree or unpacked: --modules.
#pragma once

#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct PackingOptions {
    const std::optional<std::string>& kernel_config; // when it is available
    ModulePolicy policy = ModulePolicy::Smaller;
    const wrap::CompressorOptions& compression; // of the image: the sizes that are compared are compressed
};

bool has_packed_modules(const ReadModules& modules);
// Errors: modules that are to be kept packed, and a kernel that was built without what loads them; an
// unreadable module.
Result<ModuleSet> place_modules(ReadModules modules, const PackingOptions& options);

} // namespace mkpxerd::generator
