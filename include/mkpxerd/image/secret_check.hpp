// SPDX-License-Identifier: MIT
// Image -> secrets in it, by the same rules as in a build.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::image {

// One Problem per path: the path and the kind of secret. If the image has several copies of a file, checks
// all, since all can be read. Modules are not checked. Errors: those of reading the image.
Result<std::vector<Problem>> find_secrets(std::span<const std::byte> image, const std::string& name);

// The same for archives before and after an image. No errors: the builder reports archives that cannot be
// read, and checks streams.
std::vector<Problem> find_archive_secrets(const std::vector<TreePath>& before,
                                          const std::vector<TreePath>& after);

} // namespace mkpxerd::image
