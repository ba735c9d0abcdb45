// SPDX-License-Identifier: MIT
// The numbers that an option accepts, and the words that refuse others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mkpxerd {

struct NumberBound {
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    std::string_view unit = {}; // "seconds"

    // Why a decimal number is refused; empty: it is within the bound.
    std::string refusal(std::string_view number) const;
    // "1 to 86400"
    std::string range() const;
};

} // namespace mkpxerd
