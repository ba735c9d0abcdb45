// SPDX-License-Identifier: MIT
// The largest file that every server and loader can transfer by TFTP.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// A warning when the file has more blocks than some servers and loaders can count.
std::optional<Problem> tftp_limit(const std::filesystem::path& output, std::uint64_t image_bytes);

} // namespace mkpxerd::generator
