// SPDX-License-Identifier: MIT
// Values are not searched for placeholders: a user's text may contain any '@'.
#include "mkpxerd/base/text_template.hpp"

#include <fmt/format.h>

namespace mkpxerd {

Result<std::string> fill_placeholders(std::string_view text, const PlaceholderValues& values,
                                      const std::string& name) {
    std::string filled;
    while (true) {
        const auto begin = text.find('@');
        filled += text.substr(0, begin);
        if (begin == std::string_view::npos) return filled;
        const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", begin + 1);
        if (end == std::string_view::npos || text[end] != '@' || end == begin + 1) {
            filled += '@';
            text.remove_prefix(begin + 1);
            continue;
        }
        const auto value = values.find(std::string(text.substr(begin + 1, end - begin - 1)));
        if (value == values.end())
            return fail(name,
                        fmt::format("has an unknown placeholder {}", text.substr(begin, end - begin + 1)));
        filled += value->second;
        text.remove_prefix(end + 1);
    }
}

} // namespace mkpxerd
