// SPDX-License-Identifier: MIT
// How often a file is packed by gzip, told by its bytes.
#pragma once

#include <filesystem>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// gzip within gzip. Errors: the file cannot be read.
Result<bool> is_packed_twice(const std::filesystem::path& path);

} // namespace mkpxerd::wrap
