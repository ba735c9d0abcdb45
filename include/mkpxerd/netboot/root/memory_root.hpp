// SPDX-License-Identifier: MIT
// What a root in memory holds before anything is unpacked into it, and what it gets when it brings none.
#pragma once

#include <string>

#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// The directories that every system expects; with usr_merged /bin, /sbin and /lib are links into /usr.
// Errors: MPX-ROOT-07.
Result<void> fill_memory_root(const System& system, bool usr_merged);

// Writes a file of the new root unless it is there, parents made as needed. False: it was there.
Result<bool> write_if_missing(const System& system, const std::string& path, std::string_view content,
                              unsigned mode = 0644);

} // namespace mkpxerd::netboot
