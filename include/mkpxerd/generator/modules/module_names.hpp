// SPDX-License-Identifier: MIT
// Paths of kernel modules -> places in the image, and whether a pattern matches. Pure. contract/module_alias
// has their names.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd::generator {

// The place in the image, below the module directory, of a module in modules.dep: "/opt/x.ko" ->
// "external/opt/x.ko".
std::string image_module_path(std::string_view path);

// Does a pattern of a .modules list match this module path? Components match as in a shell; a pattern that
// ends at a directory matches everything below it; "x.ko", "x.ko.gz", "x.ko.xz" and "x.ko.zst" are
// equivalent.
bool module_pattern_matches(std::string_view glob, std::string_view path);

} // namespace mkpxerd::generator
