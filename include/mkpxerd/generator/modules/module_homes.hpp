// SPDX-License-Identifier: MIT
// Modules that depmod found outside kernel/ -> where the kernel has its own, or would have such a driver.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {

// Fills lists.homes, by the name of each module: modules.order, which names what the kernel's build made,
// then files below kernel/ that depmod passed over; else by the symbols that it imports, for which the module
// is read. A module that none of them knows has no home but its own place. directory: real path of the module
// directory.
void find_homes(KernelLists& lists, const Sysroot& tree, const std::string& directory);

} // namespace mkpxerd::generator
