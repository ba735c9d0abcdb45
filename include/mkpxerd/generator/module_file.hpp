// SPDX-License-Identifier: MIT
// One kernel module on disk, plain or packed: what it asks for, and how large it is unpacked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::generator {

struct ModuleFile {
    MappedFile file;                         // as it is on disk
    std::optional<wrap::Format> packed = {}; // by its first bytes; none: plain
    std::string unpacked = {};               // empty when it is plain
    std::vector<std::string> firmware = {};  // names below lib/firmware, in the module's order

    std::span<const std::byte> plain() const {
        return packed ? std::as_bytes(std::span(unpacked)) : file.bytes();
    }
};

// Errors name the file: unreadable, corrupt, packed by something that kmod does not know, no kernel module.
Result<ModuleFile> read_module_file(const std::filesystem::path& file);

} // namespace mkpxerd::generator
