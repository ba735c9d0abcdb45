// SPDX-License-Identifier: MIT
// Kernel version -> the kernel file for the loader, by the names that distributions use.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::deploy {

// directories: searched in order for vmlinuz-VERSION, then vmlinuz-FLAVOUR (the last word of the
// version), then vmlinuz; without a version only for vmlinuz. Errors name every directory.
Result<TreePath> find_kernel_image(const std::vector<TreePath>& directories, const std::string& version);

// The kernel that the user named; if named is empty, the same search.
Result<TreePath> choose_kernel_image(const std::filesystem::path& named,
                                     const std::vector<TreePath>& directories, const std::string& version);

} // namespace mkpxerd::deploy
