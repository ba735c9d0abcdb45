// SPDX-License-Identifier: MIT
// kmod's rules (shared/util.c), for both programs.
#include "mkpxerd/contract/module_alias.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

constexpr std::string_view module_suffix = ".ko";
constexpr std::array<std::string_view, 3> compression_suffixes = {".gz", ".xz", ".zst"};

} // namespace

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

std::string_view plain_module_path(std::string_view path) {
    for (const auto suffix : compression_suffixes)
        if (path.ends_with(suffix) && path.substr(0, path.size() - suffix.size()).ends_with(module_suffix))
            return path.substr(0, path.size() - suffix.size());
    return path;
}

bool is_module_file(std::string_view path) {
    return plain_module_path(path).ends_with(module_suffix);
}

std::string module_name_of(std::string_view path) {
    path = plain_module_path(path);
    path.remove_prefix(path.rfind('/') + 1); // npos + 1 is 0
    if (path.ends_with(module_suffix)) path.remove_suffix(module_suffix.size());
    std::string name(path);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
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
