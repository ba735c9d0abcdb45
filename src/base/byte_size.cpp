// SPDX-License-Identifier: MIT
#include "mkpxerd/base/byte_size.hpp"

#include <utility>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {

std::optional<std::uint64_t> parse_size(std::string_view text) {
    unsigned shift = 0;
    for (const auto& [unit, bits] : {std::pair{'K', 10U}, std::pair{'M', 20U}, std::pair{'G', 30U}})
        if (text.ends_with(unit)) shift = bits;
    if (shift != 0) text.remove_suffix(1);
    const auto number = parse_number(text);
    if (!number || *number > (std::uint64_t{1} << 40 >> shift)) return std::nullopt;
    return *number << shift;
}

} // namespace mkpxerd
