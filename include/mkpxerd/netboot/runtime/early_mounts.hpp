// SPDX-License-Identifier: MIT
// The file systems that every system expects, mounted first and moved into the new root last.
#pragma once

#include <span>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// In order: parents before children.
std::span<const MountCall> early_mounts();

// Mounts them and creates their mount points. Leaves mounted ones alone (a second start of init). Errors
// (MPX-INIT-03) name the mount; /dev/pts and /dev/shm may be missing.
Result<void> mount_early(System& system);

} // namespace mkpxerd::netboot
