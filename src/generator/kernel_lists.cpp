// SPDX-License-Identifier: MIT
// Formats: modules.dep(5), and the headers that depmod itself writes into its files.
#include "mkpxerd/generator/kernel_lists.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <future>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> module_compressions = {".gz", ".xz", ".zst"};
// What every depmod writes, and what old kernels and old depmods do not have.
struct ListFile {
    const char* name;
    bool required;
};
constexpr std::array list_files = {
    ListFile{"modules.dep", true},      ListFile{"modules.alias", true},
    ListFile{"modules.softdep", true},  ListFile{"modules.builtin", true},
    ListFile{"modules.weakdep", false}, ListFile{"modules.builtin.modinfo", false},
    ListFile{"modules.devname", false}, ListFile{"modules.order", false},
};

// How a line of each list looks; anything else means that the file is damaged.
bool is_module_path(std::string_view path) {
    const bool leads_up = path.find("..") != std::string_view::npos && // few have it: slashes are many
                          (path.starts_with("../") || path.find("/../") != std::string_view::npos);
    return !leads_up && plain_module_path(path).ends_with(".ko") && !path.starts_with('/') &&
           path.find(' ') == std::string_view::npos && path.find('\t') == std::string_view::npos;
}
bool take_dependencies(std::string_view line, KernelLists& lists) {
    const auto colon = line.find(':');
    const auto path = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_module_path(path)) return false;
    const auto dependencies = line.substr(colon + 1);
    for (std::size_t at = 0; at < dependencies.size();)
        if (const auto word = take_word(dependencies, at); !word.empty() && !is_module_path(word))
            return false;
    lists.modules.emplace_back(path);
    lists.dependencies[module_name_of(path)].push_back(dependencies);
    return true;
}
bool take_builtin(std::string_view line, KernelLists& lists) {
    if (!is_module_path(line)) return false;
    lists.builtin.emplace_back(line);
    return true;
}
// Twenty thousand lines: not split into words, and the lines of one module follow each other.
bool take_alias(std::string_view line, KernelLists& lists, KernelLists::Pieces::value_type*& before) {
    constexpr std::string_view keyword = "alias ";
    const auto last = line.rfind(' ');
    if (!line.starts_with(keyword) || last <= keyword.size() || last + 1 == line.size() ||
        line.find('\t') != std::string_view::npos)
        return false;
    const auto module = line.substr(last + 1);
    if (before == nullptr || before->first != module)
        before = &*lists.aliases.try_emplace(std::string(module)).first;
    before->second.push_back(line.substr(keyword.size(), last - keyword.size()));
    return true;
}
bool take_softdep(std::string_view line) { // libkmod reads them by itself
    const auto words = split_words(line);
    return words.size() >= 3 && words[0] == "softdep";
}
bool take_weakdep(std::string_view line, KernelLists& lists) {
    const auto words = split_words(line);
    if (words.size() < 3 || words[0] != "weakdep") return false;
    auto& names = lists.weakdeps[std::string(words[1])];
    names.insert(names.end(), words.begin() + 2, words.end());
    return true;
}

// One problem a file is enough: the whole file has to be made anew.
template <class Take>
void take_list(const char* name, const char* form, const std::filesystem::path& folder, KernelLists& lists,
               Problems& problems, Take take) {
    const std::string_view text = lists.texts[name];
    unsigned number = 0;
    for (std::size_t at = 0; at < text.size();) {
        ++number;
        const auto line = take_line(text, at);
        if (line.empty() || line.starts_with('#') || take(line)) continue;
        problems.add(fmt::format("{}:{}", (folder / name).string(), number), fmt::format("is not '{}'", form),
                     "run depmod again for this kernel");
        return;
    }
}

void read_list(const ListFile& list, const std::filesystem::path& folder, KernelLists& lists,
               Problems& problems) {
    const auto path = folder / list.name;
    const auto there = is_there(path);
    if (there && !*there) {
        const std::string base = folder.parent_path().parent_path().parent_path().string();
        if (list.required)
            problems.add(
                path.string(), "is missing",
                fmt::format("run: depmod -b {} {}", base.empty() ? "/" : base, folder.filename().string()));
        return;
    }
    auto text = there ? read_file(path) : Result<std::string>(fail(there.error()));
    if (text)
        lists.texts[list.name] = std::move(*text);
    else
        problems.add(text.error());
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

bool module_pattern_matches(std::string_view glob, std::string_view path) {
    for (;;) {
        const auto glob_end = glob.find('/');
        const auto path_end = path.find('/');
        const std::string_view glob_piece = glob.substr(0, glob_end);
        const std::string_view path_piece = path.substr(0, path_end);
        const bool last = glob_end == std::string_view::npos;
        if (path_end == std::string_view::npos)
            return last && (glob_match(glob_piece, path_piece, false) ||
                            glob_match(glob_piece, plain_module_path(path_piece), false));
        if (!glob_match(glob_piece, path_piece, false)) return false;
        if (last) return true; // a folder
        glob.remove_prefix(glob_end + 1);
        path.remove_prefix(path_end + 1);
        if (glob.empty()) return true; // "folder/"
    }
}

Result<KernelLists> read_kernel_lists(const std::filesystem::path& folder) {
    KernelLists lists;
    Problems problems;
    auto checking = std::async([&folder] { return wrap::KernelModules::check(folder); });
    for (const ListFile& list : list_files)
        read_list(list, folder, lists, problems);
    const auto take = [&](const char* name, const char* form, auto line) {
        take_list(name, form, folder, lists, problems, line);
    };
    take("modules.dep", "PATH: DEPENDENCY...", [&](auto line) { return take_dependencies(line, lists); });
    take("modules.builtin", "PATH", [&](auto line) { return take_builtin(line, lists); });
    KernelLists::Pieces::value_type* before = nullptr;
    take("modules.alias", "alias PATTERN MODULE", [&](auto line) { return take_alias(line, lists, before); });
    take("modules.softdep", "softdep MODULE pre: NAME... post: NAME...", take_softdep);
    take("modules.weakdep", "weakdep MODULE NAME...", [&](auto line) { return take_weakdep(line, lists); });
    if (const auto checked = checking.get(); !checked) problems.add(checked.error());
    MKPXERD_TRY(problems.finish());
    MKPXERD_TRY_ASSIGN(lists.index, wrap::KernelModules::open(folder));
    return lists;
}

} // namespace mkpxerd::generator
