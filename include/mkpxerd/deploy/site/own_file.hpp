// SPDX-License-Identifier: MIT
// The name of a user's file in a bundle, beside the bundle's own files.
#pragma once

#include <filesystem>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

// Errors: a name that cannot be part of a URL, or that the bundle itself uses.
Result<std::string> own_file_name(const std::filesystem::path& file);

} // namespace mkpxerd::deploy
