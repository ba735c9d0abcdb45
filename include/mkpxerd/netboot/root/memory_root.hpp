// SPDX-License-Identifier: MIT
// The directories of a root in memory, made before anything is unpacked into it.
#pragma once

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Makes the directories that every system expects. usr_merged: /bin, /sbin and /lib are links into /usr.
// Errors: MPX-ROOT-07.
Result<void> fill_memory_root(const System& system, bool usr_merged);

} // namespace mkpxerd::netboot
