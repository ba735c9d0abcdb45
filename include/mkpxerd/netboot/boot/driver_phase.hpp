// SPDX-License-Identifier: MIT
// BootOptions -> ModuleLoader -> Devices: modules that are asked for by name, then drivers for what the
// machine has.
#pragma once

#include <memory>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"

namespace mkpxerd::netboot {

// Modules of modules= and /etc/modules are loaded; one that cannot be loaded is a warning. Errors:
// MPX-MOD-..., the indexes of the image cannot be read.
Result<std::unique_ptr<ModuleLoader>> load_modules(const BootServices& services, const BootConfig& image,
                                                   const BootOptions& options);

// Drivers go on loading in the background, for what is there and for what appears. modules outlives the
// Devices. Errors: no socket for the kernel's events.
Result<std::unique_ptr<Devices>> find_devices(const BootServices& services, ModuleLoader& modules,
                                              const BootOptions& options);

// In the background: while the network is waited for, what comes after it can be loaded.
boost::asio::awaitable<void> preload_modules(boost::asio::io_context& io, Log& log, ModuleLoader& modules,
                                             Devices& devices, const BootOptions& options,
                                             const BootPlan& plan);

} // namespace mkpxerd::netboot
