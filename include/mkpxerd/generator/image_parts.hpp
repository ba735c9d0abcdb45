// SPDX-License-Identifier: MIT
// BuildRequest -> ImageParts: archives that stand before and behind the image in the same file.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Errors: no microcode in the tree, what check_archive() says of the files.
Result<ImageParts> collect_parts(const BuildRequest& request);

} // namespace mkpxerd::generator
