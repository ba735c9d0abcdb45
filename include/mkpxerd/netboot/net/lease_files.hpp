// SPDX-License-Identifier: MIT
// NetworkState -> text files with the lease, for programs.
#pragma once

#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// resolv.conf(5). Empty: the lease does not name a DNS server.
std::string resolv_conf(const NetworkState& network);
// interfaces(5) of ifupdown-ng: the loopback and the interface of the lease.
std::string interfaces_text(const NetworkState& network);

// /etc/resolv.conf of the initramfs, for programs of the image.
Result<void> write_own_resolv_conf(const System& system, const NetworkState& network);
// /run/mkpxerd/lease for programs of the new root: "ADDRESS=10.0.0.9" a line.
Result<void> write_lease(const System& system, const NetworkState& network);

} // namespace mkpxerd::netboot
