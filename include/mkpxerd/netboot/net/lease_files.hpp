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

// "INTERFACE=eth0", "ADDRESS=10.0.0.9", ... a line.
std::string lease_text(const NetworkState& network);

// Writes a new lease: /etc/resolv.conf of the initramfs for programs of the image, unless the lease lacks a
// DNS server, and /run/mkpxerd/lease for those of the new root. A file that cannot be written does not hinder
// the other.
Result<void> write_lease_files(const System& system, const NetworkState& network);

} // namespace mkpxerd::netboot
