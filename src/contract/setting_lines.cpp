// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/setting_lines.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {

std::string join_setting_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    for (const auto line : split_lines(text))
        if (const auto words = trim(line); !words.empty() && !words.starts_with('#')) lines.push_back(words);
    return fmt::format("{}", fmt::join(lines, " "));
}

} // namespace mkpxerd
