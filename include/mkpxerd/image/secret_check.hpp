// SPDX-License-Identifier: MIT
// Image -> what in it others must not read, by the same forms that a build knows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::image {

// One Problem a path: that, and what it is. Of a file that stands in the image several times, each is looked
// at: all of them can be read out of it. Modules are not looked at. Errors: those of reading the image.
Result<std::vector<Problem>> find_secrets(std::span<const std::byte> image, const std::string& name);

// The same of archives that go around an image, before it and behind it. No errors: who packs them tells what
// cannot be read. Streams are left to whoever packs them.
std::vector<Problem> find_archive_secrets(const std::vector<TreePath>& before,
                                          const std::vector<TreePath>& behind);

} // namespace mkpxerd::image
