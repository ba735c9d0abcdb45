// SPDX-License-Identifier: MIT
// One kernel module on disk, plain or packed: what it asks for, and how large it is unpacked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::generator {

struct ModuleFile {
    std::optional<wrap::Format> packed = {}; // by its first bytes; none: plain
    std::uint64_t plain_size = 0;            // bytes, unpacked
    std::vector<std::string> firmware = {};  // names below lib/firmware, in the module's order
};

// Errors name the file: unreadable, corrupt, packed by something that kmod does not know, no kernel module.
Result<ModuleFile> read_module_file(const std::filesystem::path& file);

} // namespace mkpxerd::generator
