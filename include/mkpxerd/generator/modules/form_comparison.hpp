// SPDX-License-Identifier: MIT
// Which form of modules makes the smaller image?
#pragma once

#include "mkpxerd/generator/modules/file_packs.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"

namespace mkpxerd::generator {

// Is an image of this compression no larger with compressed modules as they are and plain ones packed, than
// with all modules plain? packs: packs them, each that is needed to tell; nullptr: plain modules are plain in
// both images. Errors: an unreadable module.
Result<bool> is_smaller_packed(const ReadModules& modules, FilePacks* packs,
                               const wrap::CompressorOptions& compression);

} // namespace mkpxerd::generator
