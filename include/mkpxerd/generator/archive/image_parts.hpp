// SPDX-License-Identifier: MIT
// BuildRequest -> ImageParts: archives before and after the image in the same file.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

inline constexpr std::size_t max_microcode = std::size_t{64} << 20; // bytes; both vendors have about 15 MiB

// kernel_version: of the image; empty: without a kernel. Errors: no microcode in the tree, those of
// check_archive(). Warnings: files that are named like microcode but contain none.
Result<ImageParts> collect_parts(const BuildRequest& request, const std::string& kernel_version,
                                 std::size_t microcode_limit = max_microcode);

} // namespace mkpxerd::generator
