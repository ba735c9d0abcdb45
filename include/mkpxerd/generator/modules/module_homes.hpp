// SPDX-License-Identifier: MIT
// Modules that depmod found outside kernel/ -> where the kernel has its own, or would have such a driver.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/plain_contents.hpp"

namespace mkpxerd::generator {

// Fills lists.homes, by the name of each module: modules.order, which names what the kernel's build made,
// then files below kernel/ that depmod ignored; else by the symbols that it imports, for which the module is
// read. The home of any other module is its own place. directory: real path of the module
// directory. contents: keeps what is unpacked; may be nullptr.
void find_homes(KernelLists& lists, const Sysroot& tree, const std::string& directory,
                PlainContents* contents = nullptr);

} // namespace mkpxerd::generator
