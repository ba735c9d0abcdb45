// SPDX-License-Identifier: MIT
// Libraries that glibc loads at run time for functions that a program imports: no ELF header names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::generator {

// Unwinds the stack of a thread that ends before its function returns.
inline constexpr const char* unwinder = "libgcc_s.so.1";
// Does it end threads in a way that makes glibc abort without the unwinder (nptl/pthread_exit.c and
// pthread_cancel.c)?
bool ends_threads(const wrap::ElfInfo& elf);

// Modules of the name service switch for users, groups, hosts and so on.
// nsswitch: the text of nsswitch.conf(5); a database that it does not name has glibc's default.
std::vector<std::string> nss_modules(const wrap::ElfInfo& elf, std::string_view nsswitch);

} // namespace mkpxerd::generator
