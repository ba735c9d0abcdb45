// SPDX-License-Identifier: MIT
// Whether a file is compressed with gzip twice, by its bytes.
#pragma once

#include <filesystem>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// gzip within gzip. Errors: the file cannot be read.
Result<bool> is_compressed_twice(const std::filesystem::path& path);

} // namespace mkpxerd::wrap
