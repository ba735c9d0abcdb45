// SPDX-License-Identifier: MIT
// resume=: a system that was hibernated goes on from its image, and this boot ends there.
#pragma once

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/drivers/devices.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Returns when there is nothing to resume, which most boots find out: a device that is missing is a warning.
// Before any file system is mounted. Errors: resume_offset= cannot be set.
Task<void> resume_hibernated(System& system, Log& log, Devices& devices, const BootOptions& options,
                             Deadline deadline);

} // namespace mkpxerd::netboot
