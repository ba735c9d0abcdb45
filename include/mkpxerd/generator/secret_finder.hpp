// SPDX-License-Identifier: MIT
// ImageTree -> what in it others must not read: private keys, and files that only their owner could read.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// One Problem each: the path, and what it is. Errors: a file that cannot be read.
Result<std::vector<Problem>> find_secrets(const ImageTree& tree);

} // namespace mkpxerd::generator
