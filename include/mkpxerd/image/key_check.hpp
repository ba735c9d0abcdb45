// SPDX-License-Identifier: MIT
// Image -> what in its directory of keys is no key: nothing would be fetched by such an image.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::image {

// One Problem a file (MPX-FETCH-11), the object is its path. Of a file that stands in the image several
// times, each is looked at. Links are left to the init, which knows what they lead to. Errors: those of
// reading the image.
Result<std::vector<Problem>> find_bad_keys(std::span<const std::byte> image, const std::string& name);

// The same of archives that go around an image, before it and behind it: any such file is an error. Who packs
// them tells what cannot be read. Streams are left to whoever packs them.
Result<void> check_archive_keys(const std::vector<TreePath>& before, const std::vector<TreePath>& behind);

} // namespace mkpxerd::image
