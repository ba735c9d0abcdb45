// SPDX-License-Identifier: MIT
// Filters each list line by line and keeps depmod's order, which matters for modules.alias and modules.order.
#include "mkpxerd/generator/modules/module_lists.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

using Names = std::set<std::string, std::less<>>;
using Paths = std::map<std::string, std::string, std::less<>>; // as in the kernel's build -> in the image

// Lines "PATH: DEPENDENCY..." of modules.dep: each path as in the image, compressed or not.
std::string filter_dependencies(std::string_view text, const Paths& paths) {
    std::string kept;
    for (const auto line : split_lines(text)) {
        const auto colon = line.find(':');
        const auto module = paths.find(plain_module_path(image_module_path(line.substr(0, colon))));
        if (colon == std::string_view::npos || module == paths.end()) continue;
        kept += module->second + ':';
        for (const auto word : split_words(line.substr(colon + 1)))
            if (const auto path = paths.find(plain_module_path(image_module_path(word))); path != paths.end())
                kept += ' ' + path->second;
        kept += '\n';
    }
    return kept;
}

// Lines "PATH" of modules.order, which has the paths of the kernel's build, without the suffix of a
// compression. A module from elsewhere keeps the kernel's place for it here, so that readers of the image
// know its purpose.
std::string filter_order(std::string_view text, const Paths& paths, const KernelLists& lists) {
    std::set<std::string_view> homes;
    for (const auto& [plain, path] : paths)
        if (const auto home = lists.home(path); home != path) homes.insert(home);
    std::string kept;
    const auto keep = [&](std::string_view line) {
        kept.append(line);
        kept += '\n';
    };
    for (const auto line : split_lines(text))
        if (homes.erase(line) > 0 || paths.find(line) != paths.end()) keep(line);
    for (const std::string_view home : homes)
        keep(home);
    return kept;
}

// Lines "softdep MODULE ...", "MODULE DEVICE ...": column is that of the module's name.
std::string filter_by_name(std::string_view text, const Names& names, std::size_t column) {
    std::string kept;
    for (const auto line : split_lines(text)) {
        const auto words = split_words(line);
        if (!line.starts_with('#') && (words.size() <= column || !names.contains(words[column]))) continue;
        kept.append(line);
        kept += '\n';
    }
    return kept;
}

// Lines "alias PATTERN MODULE": many, and those of a module are adjacent.
std::string filter_aliases(std::string_view text, const Names& names) {
    std::string kept;
    std::string_view before;
    bool wanted = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto line = take_line(text, at);
        const auto module = line.substr(line.rfind(' ') + 1);
        if (module != before) wanted = names.contains(module);
        before = module;
        if (!wanted && !line.starts_with('#')) continue;
        kept.append(line);
        kept += '\n';
    }
    return kept;
}

} // namespace

ModuleSet add_module_lists(ModuleSet modules, const KernelLists& lists) {
    Paths paths;
    Names names;
    for (const Module& module : modules.modules) {
        paths.emplace(plain_module_path(module.path), module.path);
        names.insert(module.name);
    }
    const auto reduce = [&](const std::string& name, const std::string& text) {
        if (name == "modules.dep") return filter_dependencies(text, paths);
        if (name == "modules.alias") return filter_aliases(text, names);
        if (name == "modules.softdep" || name == "modules.weakdep") return filter_by_name(text, names, 1);
        if (name == "modules.devname") return filter_by_name(text, names, 0);
        return text; // modules.builtin*: built-in modules are available in every image
    };
    const auto order = lists.texts.find("modules.order");
    const bool has_order = order != lists.texts.end();
    std::string places =
        filter_order(has_order ? std::string_view(order->second) : std::string_view(), paths, lists);
    for (const auto& [name, text] : lists.texts)
        if (name != "modules.order" &&
            (!text.empty() || name == "modules.builtin")) // empty: nothing is built in
            modules.lists.emplace_back(name, reduce(name, text));
    if (!places.empty() || (has_order && !order->second.empty()))
        modules.lists.emplace_back("modules.order", std::move(places));
    return modules;
}

} // namespace mkpxerd::generator
