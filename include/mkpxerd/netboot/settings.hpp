// SPDX-License-Identifier: MIT
// The files that settings are read from and written to at the start: command lines, module lists.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/boot_config.hpp"
#include "mkpxerd/netboot/cmdline.hpp"
#include "mkpxerd/netboot/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// In order of strength: boot.conf, /etc/mkpxerd.d/*.conf by name (lines of options, '#' comments; an appended
// archive may bring them, and secrets belong there), /proc/cmdline.
Result<std::vector<CmdlineSource>> read_settings(const System& system, const BootConfig& config);

// /etc/modules: "name parameter=value ..." a line.
std::vector<ModuleRequest> read_module_list(const System& system);

// A file of modprobe.d, so that what the kernel loads by itself obeys blacklist= too.
Result<void> write_blacklist(const System& system, const std::vector<std::string>& names);

// /etc/resolv.conf of the initramfs, for programs of the image.
Result<void> write_own_resolv_conf(const System& system, const NetworkState& network);

} // namespace mkpxerd::netboot
