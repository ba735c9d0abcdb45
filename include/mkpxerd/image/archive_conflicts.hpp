// SPDX-License-Identifier: MIT
// Archives that the kernel unpacks one after the other -> the entries of one that another one destroys.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/image/effective_view.hpp"

namespace mkpxerd::image {

// The object of each is "ARCHIVE: PATH".
struct ArchiveConflicts {
    std::vector<Problem> errors; // names that a boot may need lead nowhere, or the image's own files are gone
    std::vector<Problem> warnings; // entries without effect
};

// names: by Entry::archive, as messages call them. own: the archive that mkpxerd made, whose init and
// description nothing may replace; names.size(): there is none. What one archive does to itself is not
// reported, nor that a later one replaces files, which is its purpose.
ArchiveConflicts find_archive_conflicts(const EffectiveView& view, const std::vector<std::string>& names,
                                        std::size_t own);

// The archives of an image in one file, by the same rules.
ArchiveConflicts find_archive_conflicts(const EffectiveView& view, const ImageSummary& summary);

} // namespace mkpxerd::image
