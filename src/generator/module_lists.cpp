// SPDX-License-Identifier: MIT
// Each list is filtered line by line and keeps depmod's order: for modules.alias and modules.order it has a
// meaning.
#include "mkpxerd/generator/module_lists.hpp"

#include <set>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

using Names = std::set<std::string, std::less<>>;

// Lines "PATH: DEPENDENCY..." of modules.dep, and lines "PATH" of modules.order (which ends in .o on old
// kernels).
std::string filter_by_path(std::string_view text, const Names& paths) {
    std::string kept;
    for (const auto line : split_lines(text)) {
        if (!paths.contains(line.substr(0, line.find(':')))) continue;
        kept.append(line);
        kept += '\n';
    }
    return kept;
}

// Lines "alias PATTERN MODULE", "softdep MODULE ...", "devname ..." : column tells where the module's name
// stands.
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

ModuleSet add_module_lists(ModuleSet modules, const KernelLists& lists) {
    Names paths;
    Names plain_paths; // modules.order names modules as the build made them, not as they were compressed
    Names names;
    for (const Module& module : modules.modules) {
        paths.insert(module.path);
        plain_paths.insert(std::string(plain_module_path(module.path)));
        names.insert(module.name);
    }
    const auto reduce = [&](const std::string& name, const std::string& text) {
        if (name == "modules.dep") return filter_by_path(text, paths);
        if (name == "modules.order") return filter_by_path(text, plain_paths);
        if (name == "modules.alias") return filter_by_name(text, names, 2);
        if (name == "modules.softdep" || name == "modules.weakdep") return filter_by_name(text, names, 1);
        if (name == "modules.devname") return filter_by_name(text, names, 0);
        return text; // modules.builtin*: what is built in is in every image
    };
    for (const auto& [name, text] : lists.texts)
        if (!text.empty()) modules.lists.emplace_back(name, reduce(name, text));
    return modules;
}

} // namespace mkpxerd::generator
