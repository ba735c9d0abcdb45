// SPDX-License-Identifier: MIT
// The contents of entries, whether they lie in a file or are only planned.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

using EntryContents = std::map<std::size_t, std::string>; // by entry; an empty one may be missing
using ContentSource = std::function<Result<EntryContents>(const std::set<std::size_t>& entries)>;

// image must outlive the source.
ContentSource contents_of(const Image& image);

// The texts of those paths that are regular files, in one pass. Errors: more than 16 MiB in one.
using Texts = std::map<std::string, std::string>; // by path
Result<Texts> read_texts(const EffectiveView& view, const std::set<std::string>& paths,
                         const ContentSource& source);

} // namespace mkpxerd::image
