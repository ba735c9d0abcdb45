// SPDX-License-Identifier: MIT
// Files that only root can read: /run/mkpxerd moves into the new system, which has other users.
#pragma once

#include <filesystem>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

// Creates the missing directories of the path with mode 0700. An error appears when a file is written there.
void make_private_directory(const std::filesystem::path& path);

// Writes a file of mode 0600, and creates its directory as above.
Result<void> write_private(const std::filesystem::path& path, std::string_view content);

} // namespace mkpxerd::netboot
