// SPDX-License-Identifier: MIT
// Modules that were read -> the modules of an image, packed as in the tree.
#pragma once

#include "mkpxerd/generator/modules/module_packing.hpp"

namespace mkpxerd::test {

inline generator::ModuleSet placed(generator::ReadModules modules) {
    const std::optional<std::string> config;
    const wrap::CompressorOptions compression;
    return generator::place_modules(
               std::move(modules),
               {.kernel_config = config, .policy = generator::ModulePolicy::Keep, .compression = compression})
        .value();
}

} // namespace mkpxerd::test
