// SPDX-License-Identifier: MIT
// What an image asks of the machine that unpacks it and of the loader that fetches it.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Bytes of memory below which the kernel does not unpack the image whole, before the boot takes any for
// itself. image_bytes: the file.
std::uint64_t memory_needed(const ImageTree& tree, const ImageParts& parts, std::uint64_t image_bytes);

// A warning where the file is too large for TFTP as some servers and loaders count its blocks.
std::optional<Problem> tftp_limit(const std::filesystem::path& output, std::uint64_t image_bytes);

} // namespace mkpxerd::generator
