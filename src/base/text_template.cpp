// SPDX-License-Identifier: MIT
// Values are not searched for placeholders: a user's text may contain any '@'.
#include "mkpxerd/base/text_template.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-";

// has_empty becomes true when one of the values is empty.
Result<std::string> fill(std::string_view text, const PlaceholderValues& values, const std::string& name,
                         bool& has_empty) {
    std::string filled;
    while (true) {
        const auto begin = text.find('@');
        filled += text.substr(0, begin);
        if (begin == std::string_view::npos) return filled;
        const auto end = text.find_first_not_of(name_characters, begin + 1);
        if (end == std::string_view::npos || text[end] != '@' || end == begin + 1) {
            filled += '@';
            text.remove_prefix(begin + 1);
            continue;
        }
        const auto value = values.find(std::string(text.substr(begin + 1, end - begin - 1)));
        if (value == values.end())
            return fail(name,
                        fmt::format("has an unknown placeholder {}", text.substr(begin, end - begin + 1)));
        has_empty |= value->second.empty();
        filled += value->second;
        text.remove_prefix(end + 1);
    }
}

} // namespace

Result<std::string> fill_placeholders(std::string_view text, const PlaceholderValues& values,
                                      const std::string& name) {
    bool ignored = false;
    return fill(text, values, name, ignored);
}

Result<std::string> fill_lines(std::string_view text, const PlaceholderValues& values,
                               const std::string& name) {
    std::string filled;
    for (const std::string_view line : split_lines(text)) {
        bool has_empty = false;
        MKPXERD_TRY_ASSIGN(const std::string full, fill(line, values, name, has_empty));
        if (!has_empty) filled.append(full).append("\n");
    }
    return filled;
}

} // namespace mkpxerd
