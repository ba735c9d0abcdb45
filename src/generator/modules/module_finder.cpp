// SPDX-License-Identifier: MIT
// Module directories may be links; they never lead out of the tree.
#include "mkpxerd/generator/modules/module_finder.hpp"

#include <algorithm>

#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/modules/module_file.hpp"

namespace mkpxerd::generator {
namespace {

// Real paths of directories. Modules share parents, and each directory is examined once.
class RealDirectories {
  public:
    explicit RealDirectories(const Sysroot& tree) : tree_(tree) {}

    // nullptr: it does not exist.
    const std::string* find(const std::string& directory) {
        const auto [known, is_new] = known_.try_emplace(directory);
        if (is_new) known->second = look(directory);
        return known->second ? &*known->second : nullptr;
    }

  private:
    std::optional<std::string> look(const std::string& directory) {
        const auto slash = directory.rfind('/');
        if (slash == std::string::npos) return real(directory);
        const std::string* parent = find(directory.substr(0, slash));
        return parent != nullptr ? real(clean_path(*parent + directory.substr(slash))) : std::nullopt;
    }
    std::optional<std::string> real(const std::string& path) const {
        const auto entry = tree_.entry(path);
        if (!entry || entry->kind == Sysroot::Entry::Kind::Directory)
            return entry ? std::optional(path) : std::nullopt;
        auto resolved = tree_.resolve(path);
        return resolved ? std::optional(std::move(resolved->path)) : std::nullopt;
    }

    const Sysroot& tree_;
    std::map<std::string, std::optional<std::string>> known_;
};

// nullopt: it does not exist, or is not a regular file.
std::optional<FoundModule> find_module(const WantedModule& wanted, const Sysroot& tree,
                                       const std::string& directory, RealDirectories& directories) {
    const bool is_external = wanted.path.starts_with('/');
    std::string path = clean_path(is_external ? wanted.path : directory + '/' + wanted.path);
    const auto slash = path.rfind('/');
    const std::string* parent = is_external ? nullptr : directories.find(path.substr(0, slash));
    if (parent != nullptr) path = clean_path(*parent + path.substr(slash)); // "": the tree's root
    auto entry = parent != nullptr ? tree.entry(path) : std::nullopt;
    if (is_external || (entry && entry->kind == Sysroot::Entry::Kind::Link)) {
        const auto real = find_module_file(tree, {}, is_external ? wanted.path : path);
        entry = real ? tree.entry(*real) : std::nullopt;
        if (real) path = *real;
    }
    if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) return std::nullopt;
    return FoundModule{.name = wanted.name,
                       .path = image_module_path(wanted.path),
                       .source = tree.file(path),
                       .size = entry->size,
                       .reason = wanted.reason};
}

} // namespace

std::vector<FoundModule> find_modules(const std::map<std::string, WantedModule>& wanted_by_name,
                                      const Sysroot& tree, const std::string& directory,
                                      StageFindings& findings) {
    std::vector<const WantedModule*> wanted;
    for (const auto& [name, module] : wanted_by_name)
        wanted.push_back(&module);
    std::ranges::sort(wanted, {}, &WantedModule::path);
    RealDirectories directories(tree);
    std::vector<FoundModule> found;
    for (const WantedModule* module : wanted) {
        if (auto file = find_module(*module, tree, directory, directories)) {
            found.push_back(std::move(*file));
            continue;
        }
        const bool is_external = module->path.starts_with('/');
        findings.problem(
            tree.host(is_external ? clean_path(module->path) : directory + '/' + module->path).string(),
            "is listed in modules.dep but does not exist", "run: " + depmod_command(tree.host(directory)));
    }
    std::ranges::sort(found, {}, &FoundModule::path);
    return found;
}

} // namespace mkpxerd::generator
