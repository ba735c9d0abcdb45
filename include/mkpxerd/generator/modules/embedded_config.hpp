// SPDX-License-Identifier: MIT
// A kernel image -> the configuration that CONFIG_IKCONFIG put into it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace mkpxerd::generator {

// kernel: a bzImage, an Image compressed with gzip, xz, zstd or lz4, or a plain one. Pure. nullopt: it
// contains no configuration, or has another compression. Without one, this unpacks the whole kernel: about a
// second.
std::optional<std::string> embedded_kernel_config(std::span<const std::byte> kernel);

} // namespace mkpxerd::generator
