// SPDX-License-Identifier: MIT
// ImageTree -> secrets in it: private keys, passwords, files that others could not read.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// One Problem for each: the path and the kind of secret. request: the archives around the tree, and whether
// /init is mkpxerd's own. Errors: a file that cannot be read.
Result<std::vector<Problem>> find_secrets(const ImageTree& tree, const BuildRequest& request);

} // namespace mkpxerd::generator
