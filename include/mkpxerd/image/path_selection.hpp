// SPDX-License-Identifier: MIT
// Names on the command line -> paths in the tree of an image.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "mkpxerd/image/effective_view.hpp"

namespace mkpxerd::image {

// An exact path, a directory with everything below, or a shell pattern over the whole path ('*' matches '/'
// too). No names: everything. Errors: each name without a match, with the nearest path.
Result<std::set<std::string>> select_paths(const EffectiveView& view, const std::vector<std::string>& names,
                                           const std::string& image);

// The same rule for a path that may be outside the tree.
bool is_requested(const std::string& path, const std::vector<std::string>& names);

// "no such entry" with the nearest path of the image.
Problem no_such_entry(const EffectiveView& view, const std::string& name, const std::string& image);

} // namespace mkpxerd::image
