// SPDX-License-Identifier: MIT
// NewRoot -> the new init: the last checks, files and messages before "/" changes.
#pragma once

#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/rescue.hpp"

namespace mkpxerd::netboot {

// `single`: a shell, once.
boost::asio::awaitable<void> visit_shell(ConsoleLog& log, Rescue& rescue);

// Waits up to two seconds for the consoles of console= that a driver brings, so that they get the last lines,
// then warns about those that have not appeared. Not on a machine without such a device.
boost::asio::awaitable<void> wait_for_consoles(const BootServices& services, const BootOptions& options,
                                               const ModuleLoader& modules);

// Checks that the new init can be executed, and writes the network settings into a root that belongs to this
// boot. Errors: those of check_init(), MPX-SYS-01 a file cannot be written.
Result<void> finish_root(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const std::optional<NetworkState>& network, const NewRoot& root);

// Returns only with an error, after everything is back in its place. elapsed: since the start of the boot.
Result<void> become_init(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const Consoles& consoles, Clock::duration elapsed);

} // namespace mkpxerd::netboot
