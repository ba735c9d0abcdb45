// SPDX-License-Identifier: MIT
// Formats: modules.dep(5), the headers that depmod itself writes into its files, and modules.builtin.modinfo
// (scripts/Makefile.vmlinux): texts "MODULE.KEY=VALUE", each ended by a zero.
#include "mkpxerd/generator/modules/kernel_lists.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <future>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

// depmod creates some of the lists, the kernel's build the others.
enum class Maker { Depmod, NewDepmod, Build };
struct ListFile {
    const char* name;
    Maker maker;
    const char* loss; // the consequence of its absence; empty: none, or not with every kernel
};
constexpr std::array list_files = {
    ListFile{"modules.dep", Maker::Depmod, ""}, // its absence is an error
    ListFile{"modules.alias", Maker::Depmod, "no device finds its driver"},
    ListFile{"modules.softdep", Maker::Depmod, "soft dependencies are not followed"},
    ListFile{"modules.builtin", Maker::Build, "built-in modules are unknown"},
    ListFile{"modules.weakdep", Maker::NewDepmod, ""},
    ListFile{"modules.builtin.modinfo", Maker::Build, ""},
    ListFile{"modules.devname", Maker::Depmod, ""},
    ListFile{"modules.order", Maker::Build, ""},
};

// How to repair a list: the tests run it. Old depmods do not write modules.weakdep, but every kernel works
// without it.
std::string remedy(Maker maker, const std::filesystem::path& list) {
    if (maker == Maker::Depmod) return "run: " + depmod_command(list.parent_path());
    if (maker == Maker::NewDepmod)
        return fmt::format("remove it, and run: {}", depmod_command(list.parent_path()));
    return "depmod does not create it: install the kernel again, or remove the file";
}

// The form of a line of each list; anything else means that the file is damaged.
bool is_module_path(std::string_view path) {
    const bool leads_up = path.find("..") != std::string_view::npos && // rare, while slashes are common
                          (path.starts_with("../") || path.find("/../") != std::string_view::npos);
    return !leads_up && is_module_file(path) && path.find(' ') == std::string_view::npos &&
           path.find('\t') == std::string_view::npos;
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
    auto& listed = lists.by_name.try_emplace(module_name_of(path)).first->second;
    if (listed.path.empty()) listed.path = path;
    listed.dependencies.push_back(dependencies);
    return true;
}
bool take_builtin(std::string_view line, KernelLists& lists) {
    if (!is_module_path(line)) return false;
    lists.builtin.emplace_back(line);
    lists.by_name.try_emplace(module_name_of(line));
    return true;
}
// Twenty thousand lines: they are not split into words, and the lines of a module are adjacent.
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
// "pre: a b post: c": a module may have several such lines, one for each MODULE_SOFTDEP.
void take_softdep_words(std::string_view module, std::string_view words, KernelLists& lists) {
    KernelLists::Softdep& softdep = lists.softdeps[normal_module_name(module)];
    std::vector<std::string_view>* names = nullptr;
    for (const auto word : split_words(words)) {
        if (word == "pre:")
            names = &softdep.pre;
        else if (word == "post:")
            names = &softdep.post;
        else if (names != nullptr)
            names->push_back(word);
    }
}
bool take_softdep(std::string_view line, KernelLists& lists) {
    std::size_t at = 0;
    const auto keyword = take_word(line, at);
    const auto module = take_word(line, at);
    const auto rest = trim(line.substr(std::min(at, line.size())));
    if (keyword != "softdep" || rest.empty()) return false;
    take_softdep_words(module, rest, lists);
    return true;
}
bool take_weakdep(std::string_view line, KernelLists& lists) {
    const auto words = split_words(line);
    if (words.size() < 3 || words[0] != "weakdep") return false;
    auto& names = lists.weakdeps[normal_module_name(words[1])];
    names.insert(names.end(), words.begin() + 2, words.end());
    return true;
}

// One problem for each file is enough: the whole file must be created again.
template <class Take>
void take_list(const char* name, const char* form, const TreePath& directory, KernelLists& lists,
               Problems& problems, Take take) {
    const auto found = lists.texts.find(name);
    const std::string_view text = found == lists.texts.end() ? std::string_view() : found->second;
    unsigned number = 0;
    for (std::size_t at = 0; at < text.size();) {
        ++number;
        const auto line = take_line(text, at);
        if (line.empty() || line.starts_with('#') || take(line)) continue;
        const auto* list = std::find_if(list_files.begin(), list_files.end(), [&](const ListFile& each) {
            return each.name == std::string_view(name);
        });
        problems.add(fmt::format("{}:{}", (directory / name).string(), number),
                     fmt::format("is not '{}'", form), remedy(list->maker, (directory / name).host()));
        return;
    }
}

// The firmware and other needs of built-in drivers. Skips damaged lines, like kmod.
void take_builtin_modinfo(KernelLists& lists) {
    std::string paths;
    const auto list = lists.texts.find("modules.builtin.modinfo");
    std::string_view texts = list == lists.texts.end() ? std::string_view() : list->second;
    while (!texts.empty()) {
        const auto text = texts.substr(0, texts.find('\0'));
        texts.remove_prefix(std::min(text.size() + 1, texts.size()));
        const auto dot = text.find('.');
        const auto equals = text.find('=');
        if (dot == std::string_view::npos || equals == std::string_view::npos || equals < dot) continue;
        const auto module = text.substr(0, dot);
        const auto key = text.substr(dot + 1, equals - dot - 1);
        const auto value = text.substr(equals + 1);
        if (key == "firmware")
            lists.builtin_firmware[normal_module_name(module)].push_back(value);
        else if (key == "alias")
            lists.aliases[normal_module_name(module)].push_back(value);
        else if (key == "softdep")
            take_softdep_words(module, value, lists);
        else if (key == "file" && is_printable(value)) // otherwise it could be more than one line
            paths += fmt::format("kernel/{}.ko\n", value);
    }
    // The same facts from another list.
    if (!paths.empty()) lists.texts.try_emplace("modules.builtin", std::move(paths));
}

// Does a directory contain modules, so that depmod could create modules.dep?
bool holds_modules(const TreePath& directory) {
    if (!directory.try_open(O_PATH | O_DIRECTORY | O_NOFOLLOW)) return false;
    const auto names = list_directory(directory);
    return names && std::ranges::any_of(*names, [&](const std::string& name) {
               return is_module_file(name) || holds_modules(directory / name);
           });
}

void read_list(const ListFile& list, const TreePath& directory, KernelLists& lists, Problems& problems) {
    const TreePath path = directory / list.name;
    const auto there = is_there(path);
    if (there && !*there) {
        if (list.name == std::string_view("modules.dep") && holds_modules(directory))
            problems.add(path.string(), "is missing", remedy(list.maker, path.host()));
        return;
    }
    auto text = there ? read_regular(path) : Result<std::string>(fail(there.error()));
    if (text)
        lists.texts[list.name] = std::move(*text);
    else
        problems.add(text.error());
}

void warn_about_missing(const TreePath& directory, KernelLists& lists) {
    for (const ListFile& list : list_files) {
        const auto text = lists.texts.find(list.name);
        const bool is_absent = text == lists.texts.end();
        // depmod begins each list with a comment; a kernel with nothing built in has an empty list.
        if (*list.loss == '\0' || !(is_absent || (text->second.empty() && list.maker == Maker::Depmod)))
            continue;
        const TreePath path = directory / list.name;
        lists.warnings.push_back(
            {.object = path.string(),
             .text = fmt::format("is {}: {}", is_absent ? "missing" : "empty", list.loss),
             .hint =
                 list.maker == Maker::Build ? "install the kernel again" : remedy(list.maker, path.host())});
    }
}

// Quoted for a shell.
std::string quoted(const std::string& word) {
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("/._-+:@%=,").find(c) != std::string_view::npos;
    };
    if (std::all_of(word.begin(), word.end(), is_plain)) return word;
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

} // namespace

std::string depmod_command(const std::filesystem::path& directory) {
    std::filesystem::path root = directory.parent_path().parent_path().parent_path();
    // Most depmods search lib/modules below the root, some usr/lib/modules: the tree's root works for both.
    std::error_code ignored;
    const auto seen_from = [&](const std::filesystem::path& above) {
        return std::filesystem::equivalent(above / "lib/modules" / directory.filename(), directory, ignored);
    };
    if (root.filename() == "usr" && seen_from(root.parent_path() / "")) root = root.parent_path();
    const std::string text = root.empty() ? "." : root.string();
    return fmt::format("depmod -b {} {}", quoted(text), quoted(directory.filename().string()));
}

std::string_view KernelLists::home(std::string_view path) const {
    if (homes.empty() || path.starts_with("kernel/")) return path;
    const auto found = homes.find(plain_module_path(path));
    return found == homes.end() ? path : std::string_view(found->second);
}

std::vector<std::string_view> KernelLists::lookup(std::string_view name_or_alias) const {
    const std::string wanted = normal_module_name(name_or_alias);
    std::vector<std::string_view> names;
    const auto named = by_name.find(wanted);
    if (named != by_name.end()) {
        names.push_back(named->first);
        // A built-in module does not hide a module with the same alias: lib/crc32 and crc32_generic.
        if (!named->second.path.empty()) return names;
    }
    std::set<std::string_view> meant;
    const auto means = [&](std::string_view module) {
        const auto listed = by_name.find(module); // not listed: an alias from another run of depmod
        if (listed != by_name.end() && listed != named) meant.insert(listed->first);
    };
    if (index) {
        for (const std::string& module : index->lookup(name_or_alias))
            means(module);
    } else {
        for (const auto& [module, patterns] : aliases)
            if (std::any_of(patterns.begin(), patterns.end(),
                            [&](std::string_view pattern) { return alias_matches(pattern, wanted); }))
                means(module);
    }
    names.insert(names.end(), meant.begin(), meant.end());
    return names;
}

Result<KernelLists> read_kernel_lists(const TreePath& directory) {
    KernelLists lists;
    Problems problems;
    auto checking = std::async([&directory] { return wrap::ModuleLookup::is_indexed(directory); });
    for (const ListFile& list : list_files)
        read_list(list, directory, lists, problems);
    const auto take = [&](const char* name, const char* form, auto line) {
        take_list(name, form, directory, lists, problems, line);
    };
    take_builtin_modinfo(lists);
    warn_about_missing(directory, lists);
    take("modules.dep", "PATH: DEPENDENCY...", [&](auto line) { return take_dependencies(line, lists); });
    take("modules.builtin", "PATH", [&](auto line) { return take_builtin(line, lists); });
    KernelLists::Pieces::value_type* before = nullptr;
    take("modules.alias", "alias PATTERN MODULE", [&](auto line) { return take_alias(line, lists, before); });
    take("modules.softdep", "softdep MODULE pre: NAME... post: NAME...",
         [&](auto line) { return take_softdep(line, lists); });
    take("modules.weakdep", "weakdep MODULE NAME...", [&](auto line) { return take_weakdep(line, lists); });
    const bool is_indexed = checking.get();
    MKPXERD_TRY(problems.finish());
    if (is_indexed) lists.index = wrap::ModuleLookup::open(directory);
    return lists;
}

} // namespace mkpxerd::generator
