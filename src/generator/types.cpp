// SPDX-License-Identifier: MIT
// Texts of the generator's values.
#include "mkpxerd/generator/types.hpp"

#include <fmt/format.h>

namespace mkpxerd::generator {

std::string Origin::text() const {
    return line == 0 ? file : fmt::format("{}:{}", file, line);
}

} // namespace mkpxerd::generator
