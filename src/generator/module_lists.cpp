// SPDX-License-Identifier: MIT
// Each list is filtered line by line and keeps depmod's order: for modules.alias and modules.order it has a meaning.
#include "mkpxerd/generator/module_lists.hpp"

#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

using Names = std::set<std::string, std::less<>>;

// Lines "PATH: DEPENDENCY..." of modules.dep, and lines "PATH" of modules.order (which ends in .o on old kernels).
std::string filter_by_path(std::string_view text, const Names& paths) {
    std::string kept;
    for (const auto line : split_lines(text)) {
        if (!paths.contains(line.substr(0, line.find(':')))) continue;
        kept.append(line);
        kept += '\n';
    }
    return kept;
}

// Lines "alias PATTERN MODULE", "softdep MODULE ...", "devname ..." : column tells where the module's name stands.
std::string filter_by_name(std::string_view text, const Names& names, std::size_t column) {
    std::string kept;
    for (const auto line : split_lines(text)) {
        const auto words = split_words(line);
        if (line.starts_with('#') || (words.size() > column && names.contains(words[column]))) {
            kept.append(line);
            kept += '\n';
        }
    }
    return kept;
}

} // namespace

Result<ModuleSet> ModuleLists::add_lists(ModuleSet modules) const {
    Names paths;
    Names plain_paths; // modules.order names modules as the build made them, not as they were compressed
    Names names;
    for (const Module& module : modules.modules) {
        paths.insert(module.path);
        plain_paths.insert(module.path.substr(0, module.path.rfind(".ko") + 3));
        names.insert(module.name);
    }
    MKPXERD_TRY_ASSIGN(const std::string dep, read_file(folder_ / "modules.dep"));
    modules.lists.emplace_back("modules.dep", filter_by_path(dep, paths));
    const auto add = [&](const char* name, auto&& reduce) {
        if (const auto text = read_file(folder_ / name)) modules.lists.emplace_back(name, reduce(*text));
    };
    const auto whole = [](const std::string& text) { return text; };
    add("modules.alias", [&](const std::string& text) { return filter_by_name(text, names, 2); });
    add("modules.softdep", [&](const std::string& text) { return filter_by_name(text, names, 1); });
    add("modules.weakdep", [&](const std::string& text) { return filter_by_name(text, names, 1); });
    add("modules.devname", [&](const std::string& text) { return filter_by_name(text, names, 0); });
    add("modules.order", [&](const std::string& text) { return filter_by_path(text, plain_paths); });
    add("modules.builtin", whole);
    add("modules.builtin.modinfo", whole);
    return modules;
}

} // namespace mkpxerd::generator
