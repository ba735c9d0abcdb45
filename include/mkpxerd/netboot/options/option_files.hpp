// SPDX-License-Identifier: MIT
// The files that settings are read from and written to at the start: command lines, module lists.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// In order of strength: boot.conf, /etc/mkpxerd.d/*.conf by name (lines of options, '#' comments; an appended
// archive may bring them, and secrets belong there), /proc/cmdline.
Result<std::vector<CmdlineSource>> read_settings(const System& system, const BootConfig& config);

// /etc/modules: "name parameter=value ..." a line.
std::vector<ModuleRequest> read_module_list(const System& system);

// A file of modprobe.d, so that what the kernel loads by itself obeys blacklist= too.
Result<void> write_blacklist(const System& system, const std::vector<std::string>& names);

} // namespace mkpxerd::netboot
