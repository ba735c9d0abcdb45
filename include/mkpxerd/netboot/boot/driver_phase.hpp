// SPDX-License-Identifier: MIT
// BootOptions -> ModuleLoader -> Devices: first the modules that the options name, then drivers for the
// machine's devices.
#pragma once

#include <memory>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"

namespace mkpxerd::netboot {

// Begins to load the modules of modules= and /etc/modules, in this order; one that cannot be loaded, or not
// in half of the time, is a warning. The boot goes on meanwhile; the tasks of `wanted` end with them. Errors:
// MPX-MOD-..., the module indexes of the image cannot be read.
Task<std::unique_ptr<ModuleLoader>> load_modules(BootServices services, const BootConfig& image,
                                                 const BootOptions& options, TaskGroup& wanted,
                                                 LoadMode mode = LoadMode::SideBySide);

// Drivers keep loading in the background, for present and new devices. modules outlives the Devices. Errors:
// no socket for the kernel's events.
Result<std::unique_ptr<Devices>> find_devices(const BootServices& services, ModuleLoader& modules,
                                              const BootOptions& options, const BootPlan& plan);

// In the background: while the boot waits for the network, this loads modules that it needs afterwards.
boost::asio::awaitable<void> preload_modules(BootServices services, ModuleLoader& modules, Devices& devices,
                                             const BootOptions& options, const BootPlan& plan);

} // namespace mkpxerd::netboot
