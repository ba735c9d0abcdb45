// SPDX-License-Identifier: MIT
// resume=: a hibernated system continues from its swap image, and this boot ends.
#pragma once

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/drivers/devices.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Returns when there is nothing to resume, the usual case; a missing device is a warning. Must run before any
// file system is mounted. Errors: resume_offset= cannot be set.
Task<void> resume_hibernated(System& system, Log& log, Devices& devices, const BootOptions& options,
                             Deadline deadline);

} // namespace mkpxerd::netboot
