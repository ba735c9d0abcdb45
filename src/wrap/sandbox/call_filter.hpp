// SPDX-License-Identifier: MIT
// Private to sandbox: the system calls that the kernel refuses from now on.
#pragma once

#include "mkpxerd/wrap/sandbox.hpp"

namespace mkpxerd::wrap {

// False: there is no filter for this kernel or architecture.
bool filter_calls(const Powers& powers);

} // namespace mkpxerd::wrap
