// SPDX-License-Identifier: MIT
// Files and directories that a user names -> the files of an overlay: an archive that a loader hands to the
// kernel behind the image.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// What one path stands for: patterns in a tree. A directory is the tree in it, a file is itself under the
// path as it is spelled, in this machine's tree or in that of the current directory.
struct OverlaySource {
    std::filesystem::path root;
    std::vector<Pattern> patterns;
};
// Errors: a relative path that leads out of the current directory.
Result<OverlaySource> overlay_source(const std::filesystem::path& path);

// One set; of two files at one place the later one counts. Warns of directories that are links in many
// images. Errors: no file, and files that belong to the image itself.
Result<FileSet> join_overlay(std::vector<FileSet> sets);

} // namespace mkpxerd::generator
