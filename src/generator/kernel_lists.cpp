// SPDX-License-Identifier: MIT
// Formats: modules.dep(5), and the headers that depmod itself writes into its files.
#include "mkpxerd/generator/kernel_lists.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

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
    return plain_module_path(path).ends_with(".ko") && !path.starts_with('/') &&
           path.find(' ') == std::string_view::npos && path.find('\t') == std::string_view::npos &&
           !path.starts_with("../") && path.find("/../") == std::string_view::npos;
}
bool is_dep_line(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_module_path(line.substr(0, colon))) return false;
    const auto words = split_words(line.substr(colon + 1));
    return std::all_of(words.begin(), words.end(), is_module_path);
}
bool is_alias_line(std::string_view line) {
    return line.starts_with("alias ") && line.rfind(' ') > 6 && !line.ends_with(' ');
}
bool is_dependency_line(std::string_view line, std::string_view keyword) {
    const auto words = split_words(line);
    return words.size() >= 3 && words[0] == keyword;
}
bool is_softdep_line(std::string_view line) {
    return is_dependency_line(line, "softdep");
}
bool is_weakdep_line(std::string_view line) {
    return is_dependency_line(line, "weakdep");
}

struct ListForm {
    const char* list;
    bool (*matches)(std::string_view line);
    const char* form;
};
constexpr std::array list_forms = {
    ListForm{"modules.dep", is_dep_line, "PATH: DEPENDENCY..."},
    ListForm{"modules.builtin", is_module_path, "PATH"},
    ListForm{"modules.alias", is_alias_line, "alias PATTERN MODULE"},
    ListForm{"modules.softdep", is_softdep_line, "softdep MODULE pre: NAME... post: NAME..."},
    ListForm{"modules.weakdep", is_weakdep_line, "weakdep MODULE NAME..."},
};

// One problem a file is enough: the whole file has to be made anew.
void check_list(const ListForm& form, std::string_view text, const std::filesystem::path& folder,
                Problems& problems) {
    unsigned number = 0;
    for (const auto line : split_lines(text)) {
        ++number;
        if (line.empty() || line.starts_with('#') || form.matches(line)) continue;
        problems.add(fmt::format("{}:{}", (folder / form.list).string(), number),
                     fmt::format("is not '{}'", form.form), "run depmod again for this kernel");
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

// "PATH: DEPENDENCY..."
void read_dependencies(std::string_view line, KernelLists& lists) {
    const auto colon = line.find(':');
    const auto path = line.substr(0, colon);
    lists.modules.emplace_back(path);
    auto& dependencies = lists.dependencies[module_name_of(path)];
    for (const auto word : split_words(line.substr(colon + 1)))
        dependencies.emplace_back(word);
}

// "alias PATTERN MODULE". Millions of bytes: found by hand instead of splitting every line into words.
void read_aliases(std::string_view text, KernelLists& lists) {
    for (const auto line : split_lines(text)) {
        if (!line.starts_with("alias ")) continue;
        const auto last = line.rfind(' ');
        if (last <= 6) continue;
        const auto name = line.substr(last + 1);
        auto found = lists.aliases.find(name);
        if (found == lists.aliases.end())
            found = lists.aliases.emplace(name, std::vector<std::string_view>{}).first;
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
    for (const ListFile& list : list_files)
        read_list(list, folder, lists, problems);
    for (const ListForm& form : list_forms)
        if (const auto text = lists.texts.find(form.list); text != lists.texts.end())
            check_list(form, text->second, folder, problems);
    MKPXERD_TRY(problems.finish());

    const auto text = [&](const char* name) -> const std::string& { return lists.texts[name]; };
    for (const auto line : split_lines(text("modules.dep")))
        if (!line.empty() && !line.starts_with('#')) read_dependencies(line, lists);
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
