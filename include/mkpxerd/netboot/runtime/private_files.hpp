// SPDX-License-Identifier: MIT
// Files for root alone: what the init keeps below /run/mkpxerd goes on into the new system, where others
// live.
#pragma once

#include <filesystem>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::netboot {

// What is missing of the path, each directory 0700. Who writes into it tells whether that went well.
void make_private_directory(const std::filesystem::path& path);

// A file of mode 0600, its directory made as above.
Result<void> write_private(const std::filesystem::path& path, std::string_view content);

} // namespace mkpxerd::netboot
