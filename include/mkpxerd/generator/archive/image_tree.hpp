// SPDX-License-Identifier: MIT
// ModuleSet + FileSet + BootConfig -> ImageTree: everything at its place, parents first, nothing twice.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Fills in config.entries and config.tls. Of the request: the init program, extra files, authorities. No
// entry is added to the tree afterwards. Errors: a missing init program, a file where a directory must be, a
// file that is not a key in the directory of keys.
Result<ImageTree> make_image_tree(const ModuleSet& modules, const FileSet& files, const BuildRequest& request,
                                  BootConfig config);

// Only these files, with their directories. Errors: a file where a directory must be, and
// keys as above.
Result<ImageTree> make_overlay_tree(const FileSet& files);

} // namespace mkpxerd::generator
