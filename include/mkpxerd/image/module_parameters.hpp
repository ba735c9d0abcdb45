// SPDX-License-Identifier: MIT
// The kernel modules that have parameters, as a command line can set them: i915.modeset=0.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::image {

// In alphabetical order, with '_' for '-'.
std::vector<std::string_view> modules_with_parameters();
bool has_parameters(std::string_view module);
// The module that a misspelt name probably means.
std::optional<std::string> nearest_module(std::string_view module);

} // namespace mkpxerd::image
