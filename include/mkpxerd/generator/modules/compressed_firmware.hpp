// SPDX-License-Identifier: MIT
// Firmware -> warnings about compressed files that the kernel's loader would not unpack.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// ".zst" or ".xz" at the end of the path; empty: neither.
std::string_view firmware_suffix(std::string_view path);

// Why the loader would not unpack a file with such a suffix; empty: it would, or the file cannot be read.
std::string firmware_refusal(const Firmware& file, const std::optional<std::string>& config);

// config: of the kernel, if available. One warning for each reason, with the first file. Unreadable files
// become errors when the image is written.
std::vector<Problem> check_compressed_firmware(const std::vector<Firmware>& firmware,
                                               const std::optional<std::string>& config);

} // namespace mkpxerd::generator
