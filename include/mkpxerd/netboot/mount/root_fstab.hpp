// SPDX-License-Identifier: MIT
// The lines of the new root's fstab that matter before its init starts: a separate /usr, and the size of a
// root in memory.
#pragma once

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/fetch/trust.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Most inits do not start without /usr. Leaves a mounted one alone. Errors: MPX-FETCH-13 the image demands a
// verified root, those of the SourceMounter; for a line with nofail a warning instead.
Task<void> mount_usr(System& system, Log& log, SourceMounter mounter, const BootOptions& options,
                     const Trust& trust);

// An apkovl may give options, such as size=, to its root in memory. Errors: MPX-MNT-01.
Result<void> remount_memory_root(const System& system, Mounter& mounter);

} // namespace mkpxerd::netboot
