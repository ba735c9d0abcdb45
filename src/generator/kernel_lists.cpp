// SPDX-License-Identifier: MIT
// Formats: modules.dep(5), and the headers that depmod itself writes into its files.
#include "mkpxerd/generator/kernel_lists.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> module_compressions = {".gz", ".xz", ".zst"};
constexpr std::array optional_lists = {"modules.alias",   "modules.builtin", "modules.builtin.modinfo",
                                       "modules.devname", "modules.order",   "modules.softdep",
                                       "modules.weakdep"};

// "alias PATTERN MODULE". Millions of bytes: found by hand instead of splitting every line into words.
void read_aliases(std::string_view text, KernelLists& lists) {
    for (const auto line : split_lines(text)) {
        if (!line.starts_with("alias ")) continue;
        const auto last = line.rfind(' ');
        if (last <= 6) continue;
        const auto name = line.substr(last + 1);
        auto found = lists.aliases.find(name);
        if (found == lists.aliases.end())
            found = lists.aliases.emplace(name, std::vector<std::string>{}).first;
        found->second.emplace_back(line.substr(6, last - 6));
    }
}

} // namespace

std::string_view plain_module_path(std::string_view path) {
    for (const auto suffix : module_compressions)
        if (path.ends_with(suffix) && path.substr(0, path.size() - suffix.size()).ends_with(".ko"))
            return path.substr(0, path.size() - suffix.size());
    return path;
}

std::string module_name_of(std::string_view path) {
    path = plain_module_path(path);
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
    if (path.ends_with(".ko")) path.remove_suffix(3);
    std::string name(path);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

Result<KernelLists> read_kernel_lists(const std::filesystem::path& folder) {
    KernelLists lists;
    MKPXERD_TRY_ASSIGN(std::string dep, read_file(folder / "modules.dep"));
    for (const auto line : split_lines(dep))
        if (const auto colon = line.find(':'); colon != std::string_view::npos)
            lists.modules.emplace_back(line.substr(0, colon));
    lists.texts["modules.dep"] = std::move(dep);
    for (const char* name : optional_lists)
        if (auto text = read_file(folder / name)) lists.texts[name] = std::move(*text);

    const auto text = [&](const char* name) -> const std::string& { return lists.texts[name]; };
    for (const auto line : split_lines(text("modules.builtin")))
        lists.builtin.emplace_back(line);
    read_aliases(text("modules.alias"), lists);
    for (const auto line : split_lines(text("modules.weakdep"))) {
        const auto words = split_words(line);
        if (words.size() > 2 && words[0] == "weakdep")
            for (auto word = words.begin() + 2; word != words.end(); ++word)
                lists.weakdeps[std::string(words[1])].emplace_back(*word);
    }
    return lists;
}

} // namespace mkpxerd::generator
