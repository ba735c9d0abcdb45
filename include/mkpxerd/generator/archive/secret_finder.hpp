// SPDX-License-Identifier: MIT
// ImageTree -> what in it others must not read: private keys, passwords, files that not all could read.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// One Problem each: the path, and what it is. request: which archives go around the tree, and whether /init
// is ours. Errors: a file that cannot be read.
Result<std::vector<Problem>> find_secrets(const ImageTree& tree, const BuildRequest& request);

} // namespace mkpxerd::generator
