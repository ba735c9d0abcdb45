// SPDX-License-Identifier: MIT
// One kernel module on disk, plain or packed: where it lies, what it asks for, and how large it is unpacked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::generator {

struct ModuleFile {
    std::optional<wrap::Format> packed = {}; // by its first bytes; none: plain
    std::uint64_t plain_size = 0;            // bytes, unpacked
    std::string kernel_refusal = {};         // why the kernel would not unpack it; empty: it does
    std::vector<std::string> firmware = {};  // names below lib/firmware, in the module's order
};

// Errors name the file: unreadable, corrupt, packed by something that kmod does not know, no kernel module.
Result<ModuleFile> read_module_file(const TreePath& file);
// The symbols that it imports. Errors as above.
Result<std::vector<std::string>> read_module_imports(const TreePath& file);

// The real place in the tree of a path that modules.dep has: below the module directory, or, of a module that
// depmod was told of by "external" (depmod.d(5)), absolute. nullopt: nothing is there.
std::optional<std::string> find_module_file(const Sysroot& tree, const std::string& directory,
                                            const std::string& path);

} // namespace mkpxerd::generator
