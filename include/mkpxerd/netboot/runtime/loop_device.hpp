// SPDX-License-Identifier: MIT
// A file as a block device.
#pragma once

#include <string>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// A free loop device, bound to the file read-only and released with its last user. Errors name the file or
// the device.
Result<LoopDevice> bind_loop_device(const std::string& path);

} // namespace mkpxerd::netboot
