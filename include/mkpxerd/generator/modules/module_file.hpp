// SPDX-License-Identifier: MIT
// One kernel module on disk, plain or compressed: its place, its needs, and its unpacked size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/plain_contents.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::generator {

struct ModuleFile {
    std::optional<wrap::Format> compressed{};   // by its first bytes; none: plain
    std::uint64_t plain_size = 0;               // bytes, unpacked
    std::shared_ptr<const std::string> plain{}; // unpacked content, if PlainContents had room for it
    std::string kernel_refusal{};               // why the kernel would not unpack it; empty: it would
    std::vector<std::string> firmware{};        // names below lib/firmware, in the module's order
};

// contents: what was unpacked before, and room for what is unpacked now; nullptr: none. Errors name the file:
// unreadable, corrupt, compressed in a format that kmod does not know, not a kernel module.
Result<ModuleFile> read_module_file(const TreePath& file, PlainContents* contents = nullptr);
// The symbols that the module imports. Errors as above.
Result<std::vector<std::string>> read_module_imports(const TreePath& file, PlainContents* contents = nullptr);

// The real place in the tree of a path in modules.dep: below the module directory, or absolute for one of
// depmod's "external" modules (depmod.d(5)). nullopt: nothing is there.
std::optional<std::string> find_module_file(const Sysroot& tree, const std::string& directory,
                                            const std::string& path);

} // namespace mkpxerd::generator
