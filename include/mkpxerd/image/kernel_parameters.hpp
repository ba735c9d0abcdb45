// SPDX-License-Identifier: MIT
// The words of a command line that the kernel itself reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::image {

// Names without a dot, in alphabetical order, with '_' for '-': the kernel treats both alike.
std::vector<std::string_view> kernel_parameters();
bool is_kernel_parameter(std::string_view name);
// Whether names that begin with this and a dot belong to code that is never a module: "printk", "rcutree".
bool is_kernel_prefix(std::string_view prefix);
// The parameter that a misspelt word probably means.
std::optional<std::string> nearest_kernel_parameter(std::string_view name);

} // namespace mkpxerd::image
