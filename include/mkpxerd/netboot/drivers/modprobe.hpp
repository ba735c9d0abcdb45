// SPDX-License-Identifier: MIT
// The init under the name "modprobe", which the kernel starts when it needs a module (request_module() in
// kernel/kmod.c runs "/sbin/modprobe -q -- NAME"). This is how nfsv4, crc32c and file systems are loaded.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// /lib/modules/VERSION of the running kernel.
std::string module_directory(const System& system);
// Reads the module index, modprobe.d and the parameters on the kernel command line.
Result<ImageModules> read_modules(System& system, Log& log);

// Returns the exit status: 0 if every named module is loaded, else 1. Ignores options but -a; "name=value"
// words are parameters.
int run_modprobe(System& system, Log& log, const std::vector<std::string>& arguments);

} // namespace mkpxerd::netboot
