// SPDX-License-Identifier: MIT
// The files with options that the boot reads and writes at its start: command lines and module lists.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Later sources override earlier ones: boot.conf, /etc/mkpxerd.d/*.conf by name, /proc/cmdline. The files in
// /etc/mkpxerd.d have lines of options and '#' comments; an appended archive may bring them, and secrets
// belong there.
Result<std::vector<CmdlineSource>> read_settings(const System& system, const BootConfig& config);

// /etc/modules: lines of "name parameter=value ...".
std::vector<ModuleRequest> read_module_list(const System& system);

// Writes a file of modprobe.d, so that blacklist= also holds for modules that the kernel asks for.
Result<void> write_blacklist(const System& system, const std::vector<std::string>& names);

} // namespace mkpxerd::netboot
