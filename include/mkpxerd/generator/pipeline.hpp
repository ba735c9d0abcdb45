// SPDX-License-Identifier: MIT
// The generator's front door: BuildRequest -> ImageTree -> the file.
#pragma once

#include "mkpxerd/generator/modules/kernel_finder.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// The complete image, before it is written.
struct ImagePlan {
    ImageTree tree;
    BuildReport report;         // the parts that are known before writing
    bool lacks_network = false; // no driver of a network card
};
// packing: called while modules are packed; may be empty.
Result<ImagePlan> plan_image(const BuildRequest& request, const WriteProgress& packing = {});
// The same request with plain modules, for a plan whose sizes do not matter, as packing takes most of its
// time. With another init than ours their form stays: the kernel may refuse it.
BuildRequest with_plain_modules(BuildRequest request);

// Writes output_path() (archive/output_choice.hpp). Errors leave an existing file as it was. archive_secrets:
// secrets in the archives around the image. check: examines these archives; the report counts what it finds.
Result<BuildReport> build_image(const BuildRequest& request, const BuildProgress& progress = {},
                                const std::vector<Problem>& archive_secrets = {},
                                const ArchiveCheck& check = {});

// Puts the files of an overlay where they belong in one image, if it is known, and returns warnings. Errors:
// the image and the overlay do not fit; the init would refuse what the overlay brings.
using OverlayFit = std::function<Result<std::vector<Problem>>(FileSet& files)>;

// Writes request.output: an archive of only these files and directories, which a loader passes to the kernel
// after an image. The request says how and where to write it. The rules for files are those of a build.
Result<BuildReport> build_overlay(const BuildRequest& request,
                                  const std::vector<std::filesystem::path>& paths, const OverlayFit& fit);

// The kernel whose modules the request takes. Errors: see KernelFinder.
Result<Kernel> find_kernel(const BuildRequest& request);

// All modules of the request's kernel, with the firmware that its policy takes from the tree.
struct KernelModules {
    std::string version;
    std::string directory; // lib/modules/VERSION, its real path in the kernel root
    std::vector<Firmware> firmware;
};
Result<KernelModules> find_kernel_modules(const BuildRequest& request);

} // namespace mkpxerd::generator
