// SPDX-License-Identifier: MIT
// How much memory a machine needs to unpack an image.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// With less memory than this many bytes the kernel cannot unpack the whole image, even before the boot uses
// any for itself. contents: of all archives in the file. image_bytes: the size of the file.
std::uint64_t memory_needed(const std::vector<ReportedEntry>& contents, std::uint64_t image_bytes);

} // namespace mkpxerd::generator
