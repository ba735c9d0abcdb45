// SPDX-License-Identifier: MIT
// Files named by settings: those of a tree are always files of that tree, with links resolved inside it; and
// what kind of file it can be.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Whether a directory is the root of this machine, whatever its name: the same inode of the same device. Any
// other is an untrusted tree.
bool is_this_machine(const std::filesystem::path& directory);

// The regular file that a tree names, at its real place. A relative path starts at the root of the tree, too.
// Errors name the setting: the tree has no such file, or it is not a regular file.
Result<TreePath> file_of_tree(const Sysroot& tree, const std::string& named, const Origin& origin);

// The kernel runs nothing else as /init. An unreadable file is left to the reader of its content, here and
// below.
bool may_be_program(const TreePath& path);
// Whether it begins without a zero byte.
bool may_be_text(const TreePath& path);

} // namespace mkpxerd::generator
