// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/module_alias.hpp"

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {

std::string normal_module_name(std::string_view name) {
    std::string normal(name);
    bool in_brackets = false;
    for (char& c : normal) {
        if (c == '[') in_brackets = true;
        if (c == ']') in_brackets = false;
        if (c == '-' && !in_brackets) c = '_';
    }
    return normal;
}

bool alias_matches(std::string_view pattern, std::string_view name) {
    // Of twenty thousand patterns most differ in the first letters.
    const auto same = [](char a, char b) { return (a == '-' ? '_' : a) == (b == '-' ? '_' : b); };
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (std::string_view("*?[\\").find(pattern[i]) != std::string_view::npos)
            return glob_match(normal_module_name(pattern), normal_module_name(name));
        if (i >= name.size() || !same(pattern[i], name[i])) return false;
    }
    return pattern.size() == name.size();
}

} // namespace mkpxerd
