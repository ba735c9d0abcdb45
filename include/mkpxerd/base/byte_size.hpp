// SPDX-License-Identifier: MIT
// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mkpxerd {

// Bytes, or with a unit: 20M, 512K, 1G (powers of 1024, as in dd and truncate). nullopt: not a size, or more
// than 1 TiB.
std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace mkpxerd
