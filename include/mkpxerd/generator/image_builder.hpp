// SPDX-License-Identifier: MIT
// ModuleSet + FileSet + BootConfig -> ImageTree: everything at its place, parents first, nothing twice.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ImageBuilder {
  public:
    // init_program: the static /init. Beyond build() no entry is added.
    explicit ImageBuilder(std::filesystem::path init_program) : init_program_(std::move(init_program)) {}

    // config.entries is filled in here. Errors: a missing init program, a file where a folder must be.
    Result<ImageTree> build(const ModuleSet& modules, const FileSet& files, const std::vector<ExtraFile>& extra,
                            BootConfig config) const;

  private:
    std::filesystem::path init_program_;
};

} // namespace mkpxerd::generator
