// SPDX-License-Identifier: MIT
// Kernel version -> the kernel file for the loader, by the names that distributions use.
#pragma once

#include <filesystem>
#include <optional>
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

// Does this kernel fit modules of this version (empty: any)? Error: its header names another version. Returns
// a warning about a file that begins like no kernel, or nothing.
Result<std::optional<Problem>> check_kernel_image(const TreePath& kernel, const std::string& version);

} // namespace mkpxerd::deploy
