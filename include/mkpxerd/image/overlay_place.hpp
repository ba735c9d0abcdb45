// SPDX-License-Identifier: MIT
// A path of an overlay -> where it belongs in an image whose directories are partly links. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mkpxerd/image/effective_view.hpp"

namespace mkpxerd::image {

// The real path in the image: links to directories are followed, so that nothing takes their place.
// is_directory: also the last component. Empty: the root.
std::string overlay_place(const EffectiveView& image, std::string_view path, bool is_directory);

// The target of a symbolic link that moves from this path to another directory, and must lead to the same
// place.
std::string moved_target(std::string_view path, const std::string& target);

} // namespace mkpxerd::image
