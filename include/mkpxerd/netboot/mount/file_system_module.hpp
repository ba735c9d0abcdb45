// SPDX-License-Identifier: MIT
// The kernel module of a file system, loaded before mount(2) would have the kernel load it.
#pragma once

#include <string>

#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Succeeds unless mount(2) would not return: what is neither a module nor built in is for mount(2) to report,
// and a module that the kernel refuses is a warning. Errors: MPX-SYS-04, the module has not returned by the
// deadline.
Task<void> load_file_system(ModuleLoader& modules, Log& log, std::string type, Deadline deadline);

} // namespace mkpxerd::netboot
