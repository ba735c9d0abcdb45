// SPDX-License-Identifier: MIT
// The first phases: open the consoles, so that messages can be seen, and check that the image is complete.
#pragma once

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Mounts /proc, /sys, /dev and so on, opens the consoles, takes over ctrl-alt-del and makes the init the
// kernel's modprobe. Errors: MPX-INIT-03.
Result<Consoles> open_consoles(const BootServices& services);

// By default the kernel restarts at once on ctrl-alt-del, even during a write; with 0 it sends SIGINT to
// process 1, which restarts cleanly (Documentation/admin-guide/sysctl/kernel.rst, ctrl-alt-del).
void take_ctrl_alt_del(const System& system, const Consoles& consoles);
// Restores the setting that the new init expects.
void restore_ctrl_alt_del(const System& system, const Consoles& consoles);

// Also advances a clock that is behind the image's build time. Errors: those of check_image, MPX-SYS-01 the
// clock cannot be set.
Result<BootConfig> read_image(const BootServices& services);

// The options about failures, as far as they can be read: they hold even when the image is damaged.
OnFail read_on_fail(const System& system, const BootConfig& image);

} // namespace mkpxerd::netboot
