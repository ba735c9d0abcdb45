// SPDX-License-Identifier: MIT
// Firmware -> warnings about compressed files that the kernel's loader would not unpack.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// config: of the kernel, if available. One warning for each reason, with the first file. Unreadable files
// become errors when the image is written.
std::vector<Problem> check_compressed_firmware(const std::vector<Firmware>& firmware,
                                               const std::optional<std::string>& config);

} // namespace mkpxerd::generator
