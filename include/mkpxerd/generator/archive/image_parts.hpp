// SPDX-License-Identifier: MIT
// BuildRequest -> ImageParts: archives that stand before and behind the image in the same file.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// kernel_version: of the image; empty: without a kernel. Errors: no microcode in the tree, what
// check_archive() says of the files. Warnings: files that look like microcode by their name and hold none.
Result<ImageParts> collect_parts(const BuildRequest& request, const std::string& kernel_version);

} // namespace mkpxerd::generator
