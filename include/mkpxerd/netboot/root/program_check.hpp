// SPDX-License-Identifier: MIT
// Can the new root's init run? Checked as execve(2) checks it, before anything is moved.
#pragma once

#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Checks that the program exists in the new root and can be executed, and its interpreter, too. Links are
// followed inside the root. Errors: MPX-ROOT-01 does not exist, MPX-ROOT-02 is not executable, MPX-ROOT-03
// its interpreter does not exist, MPX-ROOT-04 is built for another architecture.
Result<void> check_init(const System& system, const std::string& init);

} // namespace mkpxerd::netboot
