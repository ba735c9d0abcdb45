// SPDX-License-Identifier: MIT
// Services of OpenRC in a diskless Alpine: links in /etc/runlevels of the new root, as mkinitfs makes them.
#pragma once

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// True without an apkovl, and for an apkovl with the mark file /etc/.default_boot_services.
bool wants_default_services(const System& system, bool has_apkovl);
// Adds mkinitfs' default services and those that options ask for, and removes the mark file.
Result<void> add_default_services(const System& system, const BootOptions& options);
// Adds hwclock on a machine with a hardware clock, else swclock.
Result<void> add_clock_service(const System& system);

} // namespace mkpxerd::netboot
