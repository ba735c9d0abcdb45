// SPDX-License-Identifier: MIT
// Distributions compress modules, so a path and a pattern mean the same with and without the suffix of a
// compression.
#include "mkpxerd/generator/modules/module_names.hpp"

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

// The last component of a pattern, without the suffix of a compression.
std::string_view plain_last_component(std::string_view piece) {
    if (piece.ends_with(".ko.*")) return piece.substr(0, piece.size() - 2);
    return plain_module_path(piece);
}

} // namespace

std::string image_module_path(std::string_view path) {
    return path.starts_with('/') ? "external" + std::string(path) : std::string(path);
}

bool module_pattern_matches(std::string_view glob, std::string_view path) {
    for (;;) {
        const auto glob_end = glob.find('/');
        const auto path_end = path.find('/');
        const std::string_view glob_piece = glob.substr(0, glob_end);
        const std::string_view path_piece = path.substr(0, path_end);
        const bool last = glob_end == std::string_view::npos;
        if (path_end == std::string_view::npos)
            return last &&
                   (glob_match(glob_piece, path_piece, false) ||
                    glob_match(plain_last_component(glob_piece), plain_module_path(path_piece), false));
        if (!glob_match(glob_piece, path_piece, false)) return false;
        if (last) return true; // a directory
        glob.remove_prefix(glob_end + 1);
        path.remove_prefix(path_end + 1);
        if (glob.empty()) return true; // "directory/"
    }
}

} // namespace mkpxerd::generator
