// SPDX-License-Identifier: MIT
// Firmware -> warnings about compressed files that the kernel's loader would not unpack.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// config: of the kernel, when it is available. One warning for each reason, which names the first file. Files
// that cannot be read are an error when the image is written.
std::vector<Problem> check_packed_firmware(const std::vector<Firmware>& firmware,
                                           const std::optional<std::string>& config);

} // namespace mkpxerd::generator
