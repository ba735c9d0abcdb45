// SPDX-License-Identifier: MIT
// ModuleSet + FileSet + BootConfig -> ImageTree: everything at its place, parents first, nothing twice.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ImageBuilder {
  public:
    // config.entries is filled in here. Errors: a missing init program, a file where a directory must be.
    // Of the request: the init program, extra files, authorities. Beyond build() no entry is added.
    Result<ImageTree> build(const ModuleSet& modules, const FileSet& files, const BuildRequest& request,
                            BootConfig config) const;
    // These files alone, with the directories that they lie in. Errors: a file where a directory must be.
    Result<ImageTree> build_overlay(const FileSet& files) const;
};

} // namespace mkpxerd::generator
