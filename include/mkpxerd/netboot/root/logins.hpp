// SPDX-License-Identifier: MIT
// Ways into a diskless system: logins on the consoles of this boot, and root's SSH keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// The consoles of console= and of the kernel, and with autodetect_serial every serial port. Aliases such as
// tty0 are resolved; ports that do not answer are left out.
std::vector<std::string> login_consoles(const System& system, const std::vector<std::string>& consoles,
                                        bool autodetect_serial);
// Adds the consoles to /etc/inittab and /etc/securetty, each if the file exists.
Result<void> add_logins(const System& system, const std::vector<std::string>& consoles);

// Adds to root's authorized_keys.
Result<void> add_ssh_key(const System& system, std::string_view keys);

} // namespace mkpxerd::netboot
