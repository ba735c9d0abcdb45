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
// archive_secrets: what whoever reads images found in the archives around this one.
Result<BuildReport> build_image(const BuildRequest& request, const Progress& progress = {},
                                const std::vector<Problem>& archive_secrets = {});

// Writes request.output: an archive of these files and directories alone, which a loader hands to the kernel
// behind an image. Of the request: how and where it is written. Rules for files are those of a build.
Result<BuildReport> build_overlay(const BuildRequest& request,
                                  const std::vector<std::filesystem::path>& paths);

// All modules of the request's kernel, with the firmware that the request's policy takes of the tree.
struct KernelModules {
    std::string version;
    std::string directory; // lib/modules/VERSION, its real path in the kernel root
    std::vector<Firmware> firmware;
};
Result<KernelModules> find_kernel_modules(const BuildRequest& request);

// Permission bits of what is written for servers with these secrets in it: those that are asked for, else
// 0644 without secrets, 0600 with some. Errors: others could read them, and nobody allowed that.
Result<unsigned> choose_mode(const BuildRequest& request, const std::vector<Problem>& secrets);

} // namespace mkpxerd::generator
