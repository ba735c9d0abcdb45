// SPDX-License-Identifier: MIT
// Image -> files in its key directory that are not keys: with one, the init refuses to boot.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::image {

// One Problem per file (MPX-FETCH-11), the object is its path. All copies of a file are checked if the image
// has several. Links are left to the init, which knows their targets. Errors: those of reading the image.
Result<std::vector<Problem>> find_bad_keys(std::span<const std::byte> image, const std::string& name);

// The same for archives before and after an image; such a file is an error. Returns whether they bring keys
// or certificate authorities, for which the image needs an init with TLS. The builder reports archives that
// cannot be read, and checks streams.
Result<bool> check_archive_keys(const std::vector<TreePath>& before, const std::vector<TreePath>& after);

} // namespace mkpxerd::image
