// SPDX-License-Identifier: MIT
// Firmware of the tree -> the form in which the kernel's loader finds and unpacks it.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct FirmwareFormOptions {
    const std::optional<std::string>& kernel_config; // when it is available
    std::optional<wrap::Packing> modules{};    // how modules are packed; none: plain firmware stays plain
    std::shared_ptr<wrap::ChunkCache> cache{}; // of packed files; may be nullptr
    WriteProgress progress{};                  // of packing; may be empty
};

// Unpacks files that the loader would refuse, and packs plain ones where that makes them smaller, in a format
// that the configuration names. Names of files and of links to them follow. Errors name each file that cannot
// be read.
Result<void> choose_firmware_forms(std::vector<Firmware>& firmware, const FirmwareFormOptions& options);

} // namespace mkpxerd::generator
