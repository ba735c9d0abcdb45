// SPDX-License-Identifier: MIT
// What a tree says of itself names files of that tree, at the end of links that are followed inside it.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Whether a directory is the root of this machine, whatever it is called: the same inode of the same device.
// Any other is a tree that somebody else may have filled.
bool is_this_machine(const std::filesystem::path& directory);

// The regular file that a tree names, at its real place. A path that is not absolute starts at the root of
// the tree, too. Errors name who asked for it: there is none in the tree, or something else.
Result<TreePath> file_of_tree(const Sysroot& tree, const std::string& named, const Origin& origin);

} // namespace mkpxerd::generator
