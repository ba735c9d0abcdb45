// SPDX-License-Identifier: MIT
// Archives before and after an image, each checked by itself.
#pragma once

#include <fmt/format.h>
#include <vector>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::image {

// The findings of find in each archive, before and after the image; the object is "ARCHIVE: PATH". No errors:
// the builder reports archives that cannot be read, and checks streams. find: (bytes, name of the archive) ->
// Result of a vector of Problem.
template <class Find>
std::vector<Problem> find_in_archives(const std::vector<TreePath>& before, const std::vector<TreePath>& after,
                                      const Find& find) {
    std::vector<Problem> all;
    for (const auto* archives : {&before, &after})
        for (const TreePath& archive : *archives) {
            const auto file = MappedFile::open(archive);
            if (!file) continue;
            auto found = find(file->bytes(), archive.string());
            if (!found) continue;
            for (Problem& problem : *found) {
                problem.object = fmt::format("{}: {}", archive.string(), problem.object);
                all.push_back(std::move(problem));
            }
        }
    return all;
}

} // namespace mkpxerd::image
