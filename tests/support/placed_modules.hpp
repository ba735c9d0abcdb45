// SPDX-License-Identifier: MIT
// Read modules -> the modules of an image, compressed as in the tree.
#pragma once

#include "mkpxerd/generator/modules/module_compression.hpp"

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
