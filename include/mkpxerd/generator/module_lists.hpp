// SPDX-License-Identifier: MIT
// ModuleSet -> ModuleSet with lists: depmod's text files, reduced to what is in the image, in kmod's own formats
// (modules.dep(5), depmod.c), so that /init and busybox load modules by them and depmod has what it needs.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ModuleLists {
  public:
    // folder: lib/modules/VERSION of the kernel tree, on this machine.
    explicit ModuleLists(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Errors: modules.dep unreadable. The other lists may be absent.
    Result<ModuleSet> add_lists(ModuleSet modules) const;

  private:
    std::filesystem::path folder_;
};

} // namespace mkpxerd::generator
