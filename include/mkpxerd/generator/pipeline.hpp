// SPDX-License-Identifier: MIT
// The generator's front door: BuildRequest -> ImageTree -> the file.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Everything that would be in the image, without writing it.
struct ImagePlan {
    ImageTree tree;
    BuildReport report; // what is known before writing
};
Result<ImagePlan> plan_image(const BuildRequest& request);

// Writes request.output, or BASEDIR/boot/initramfs-FLAVOUR. Errors leave an existing file as it was.
// progress may be empty.
Result<BuildReport> build_image(const BuildRequest& request, const Progress& progress = {});

} // namespace mkpxerd::generator
