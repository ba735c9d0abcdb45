// SPDX-License-Identifier: MIT
// The words of a command line that boot loaders write, or that programs of the booted system read.
#pragma once

#include <string_view>

namespace mkpxerd::image {

bool is_system_word(std::string_view name);

} // namespace mkpxerd::image
