// SPDX-License-Identifier: MIT
// NewRoot -> the init in it: what remains to be said and written before "/" changes.
#pragma once

#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/rescue.hpp"

namespace mkpxerd::netboot {

// `single`: a shell, once.
boost::asio::awaitable<void> visit_shell(ConsoleLog& log, Rescue& rescue);

// The init is there and can be executed, and a root of this boot's own has the network's settings. Errors:
// those of check_init(), MPX-SYS-01 a file cannot be written.
Result<void> finish_root(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const std::optional<NetworkState>& network, const NewRoot& root);

// Returns only with an error, and then everything is where it was. elapsed: since the start of the boot.
Result<void> become_init(const BootServices& services, const BootOptions& options, const BootPlan& plan,
                         const Consoles& consoles, Clock::duration elapsed);

} // namespace mkpxerd::netboot
