// SPDX-License-Identifier: MIT
// The init under the name "modprobe": what the kernel starts when it needs a module itself (request_module in
// kernel/kmod.c runs "/sbin/modprobe -q -- NAME"). nfsv4, crc32c and the file systems are loaded in this way.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Where the kernel and kmod look: /lib/modules/VERSION and /etc/modprobe.d.
std::string module_directory(const System& system);
Result<ModuleLoader> open_modules(System& system, Log& log);

// Exit status: 0 everything named is there, 1 not. Options are ignored; "name=value" words are parameters.
int run_modprobe(System& system, Log& log, const std::vector<std::string>& arguments);

} // namespace mkpxerd::netboot
