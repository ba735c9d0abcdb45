// SPDX-License-Identifier: MIT
// ModuleSet -> packed firmware in it that the kernel's loader would not unpack.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// config: of the kernel, when it is at hand. One warning a reason, which names the first file. Files that
// cannot be read are left to whoever writes the image.
std::vector<Problem> check_packed_firmware(const std::vector<Firmware>& firmware,
                                           const std::optional<std::string>& config);

} // namespace mkpxerd::generator
