// SPDX-License-Identifier: MIT
// Names that nobody can guess, so that nobody can take them first.
#pragma once

#include <cstddef>
#include <string>

namespace mkpxerd {

// Letters and digits, chosen by the kernel's random numbers.
std::string random_name(std::size_t characters);

} // namespace mkpxerd
