// SPDX-License-Identifier: MIT
// Modules that depmod found outside kernel/ -> the kernel's place for a module of the same name or kind.
#pragma once

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/plain_contents.hpp"

namespace mkpxerd::generator {

// Fills lists.homes, by the name of each module: from modules.order, which lists the modules of the kernel's
// build, then from files below kernel/ that depmod ignored; else by the symbols that the module imports, for
// which it is read. The home of any other module is its own place. directory: real path of the module
// directory. contents: keeps unpacked modules; may be nullptr.
void find_homes(KernelLists& lists, const Sysroot& tree, const std::string& directory,
                PlainContents* contents = nullptr);

} // namespace mkpxerd::generator
