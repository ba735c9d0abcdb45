// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/number_bound.hpp"

#include <charconv>
#include <fmt/format.h>

namespace mkpxerd {

std::string NumberBound::refusal(std::string_view number) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool is_number = !number.empty() && end == number.data() + number.size();
    if (!is_number || error == std::errc::invalid_argument) return "is not a number";
    if (error == std::errc{} && value >= lowest && value <= highest) return {};
    return fmt::format("is not within {} {}", range(), unit);
}

std::string NumberBound::range() const {
    return fmt::format("{} to {}", lowest, highest);
}

} // namespace mkpxerd
