// SPDX-License-Identifier: MIT
#include "mkpxerd/image/overlay_place.hpp"

#include <algorithm>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::image {

std::string overlay_place(const EffectiveView& image, std::string_view path, bool is_directory) {
    std::string place;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (!place.empty()) place += '/';
        place += path.substr(at, end - at);
        at = end + 1;
        if (at > path.size() && !is_directory) break;
        const auto real = image.resolve(place);
        if (!real) continue; // new in the image
        const auto node = image.nodes().find(*real);
        if (node == image.nodes().end() || node->second.is_directory) place = *real;
    }
    return place;
}

std::string moved_target(std::string_view path, const std::string& target) {
    const auto names = split(target, '/');
    if (target.starts_with('/') || std::ranges::find(names, "..") == names.end()) return target;
    const auto slash = path.rfind('/');
    const std::string directory(path.substr(0, slash == std::string_view::npos ? 0 : slash));
    return '/' + clean_path(directory + '/' + target);
}

} // namespace mkpxerd::image
