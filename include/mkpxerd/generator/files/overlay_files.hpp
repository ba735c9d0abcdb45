// SPDX-License-Identifier: MIT
// Files and directories named by the user -> the files of an overlay: an archive that a loader passes to the
// kernel after the image.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// A directory means the tree in it; a file is stored at its path as written. Of two files at the same place
// the later one counts. Errors: those of FileCollector,
// a relative path that leads out of the current directory, no file at all, files that belong to the image
// itself.
Result<FileSet> collect_overlay(const std::vector<std::filesystem::path>& paths);

// Adds a warning for each directory that is a link in many images: it would replace that link.
void warn_about_merged(FileSet& overlay);

// A warning if no directory at the top is one of a root file system: the tree probably lies one directory too
// deep. others: names that the image has at its top.
std::optional<Problem> doubt_place(const FileSet& overlay, const std::set<std::string>& others = {});

} // namespace mkpxerd::generator
