// SPDX-License-Identifier: MIT
// Whether a server that runs as another user reaches a directory.
#pragma once

#include <filesystem>
#include <optional>

namespace mkpxerd::deploy {

// The outermost directory on the path, this one included, that others cannot pass (no o+x). Directories that
// do not exist yet count as open.
std::optional<std::filesystem::path> find_closed_directory(const std::filesystem::path& directory);

} // namespace mkpxerd::deploy
