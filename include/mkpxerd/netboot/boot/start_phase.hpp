// SPDX-License-Identifier: MIT
// The first phases: consoles, so that the boot can be heard, and the image, which must be whole.
#pragma once

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Mounts /proc, /sys, /dev and their like, opens the consoles, takes over ctrl-alt-del and lets the kernel
// find the init as its modprobe. Errors: MPX-INIT-03.
Result<Consoles> open_consoles(const BootServices& services);

// By default the kernel restarts on ctrl-alt-del at once, whatever is being written; with 0 it sends SIGINT
// to process 1, which restarts in order (Documentation/admin-guide/sysctl/kernel.rst, ctrl-alt-del).
void take_ctrl_alt_del(const System& system, const Consoles& consoles);
// As the new root's init expects it.
void give_back_ctrl_alt_del(const System& system, const Consoles& consoles);

// Also sets a clock that is before the image. Errors: those of check_image, MPX-SYS-01 the clock cannot be
// set.
Result<BootConfig> read_image(const BootServices& services);

// What the settings say of failures, as far as they can be read: it holds even when the image is damaged.
OnFail read_on_fail(const System& system, const BootConfig& image);

} // namespace mkpxerd::netboot
