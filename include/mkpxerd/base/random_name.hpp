// SPDX-License-Identifier: MIT
// Names that nobody can guess, so that nobody can take them first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mkpxerd {

// Letters and digits, chosen by the kernel's random numbers.
std::string random_name(std::size_t characters);

// Whether random_name() may have returned this name.
bool is_random_name(std::string_view name, std::size_t characters);

} // namespace mkpxerd
