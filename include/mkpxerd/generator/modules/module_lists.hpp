// SPDX-License-Identifier: MIT
// ModuleSet -> ModuleSet with lists: depmod's text files, reduced to what is in the image, in kmod's own
// formats (modules.dep(5), depmod.c), so that /init and busybox load modules by them and depmod has what it
// needs.
#pragma once

#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

ModuleSet add_module_lists(ModuleSet modules, const KernelLists& lists);

} // namespace mkpxerd::generator
