// SPDX-License-Identifier: MIT
// ModuleSet -> ModuleSet with lists: depmod's text files, reduced to the modules of the image, in kmod's own
// formats (modules.dep(5), depmod.c). /init and busybox load modules by them, and depmod works in the image.
#pragma once

#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

ModuleSet add_module_lists(ModuleSet modules, const KernelLists& lists);

} // namespace mkpxerd::generator
