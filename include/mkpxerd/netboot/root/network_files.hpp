// SPDX-License-Identifier: MIT
// The lease as configuration files of the new root.
#pragma once

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Writes /etc/resolv.conf unless the new root has it: for a system that configures its network by itself.
Result<void> hand_over_name_servers(const System& system, const NetworkState& network);
// Writes /etc/resolv.conf, /etc/hostname and /etc/network/interfaces, each unless the new root has it.
Result<void> hand_over_lease(const System& system, const NetworkState& network);

} // namespace mkpxerd::netboot
