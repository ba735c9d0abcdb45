// SPDX-License-Identifier: MIT
// Patterns are matched against the lists that depmod wrote, not against the file system: one read instead of
// a walk, and what depmod does not know could not be loaded anyway.
#include "mkpxerd/generator/module_resolver.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <future>
#include <map>
#include <thread>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/findings.hpp"
#include "mkpxerd/generator/module_file.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::string_view network_drivers = "kernel/drivers/net/";
constexpr const char* phylib = "libphy"; // drivers/net/phy/Makefile

std::string suggestion(const Pattern& pattern, const std::vector<std::string>& modules) {
    std::string optional = "put '?' before the pattern if it may be absent";
    if (has_glob(pattern.glob)) return optional;
    std::string wanted = module_name_of(pattern.glob);
    std::vector<std::string> names;
    for (const std::string& path : modules)
        names.push_back(module_name_of(path));
    if (std::find(names.begin(), names.end(), wanted) == names.end())
        wanted = nearest(wanted, names).value_or("");
    for (const std::string& path : modules)
        if (module_name_of(path) == wanted) return fmt::format("did you mean {}?", plain_module_path(path));
    return optional;
}

// The closure under construction: modules by name, and those whose dependencies are still to be looked at.
class Closure {
  public:
    explicit Closure(const KernelLists& lists) : kernel_(*lists.index), lists_(lists) {}

    void add(const std::string& name, const std::string& path, Reason reason) {
        if (!modules_.try_emplace(name, Module{name, path, {}, 0, {}, 0, std::move(reason)}).second) return;
        todo_.push_back(name);
    }
    void close() {
        while (!todo_.empty()) {
            const std::string name = std::move(todo_.front());
            todo_.pop_front();
            // Not by libkmod: it leaves out dependencies whose files are gone, and says nothing.
            for (const std::string_view path : dependencies(name))
                add(module_name_of(path), std::string(path), Reason{Reason::Kind::Depends, name, {}, {}, {}});
            const auto soft = kernel_.softdeps(name);
            add_all(soft.pre, Reason::Kind::SoftdepPre, name);
            add_all(soft.post, Reason::Kind::SoftdepPost, name);
            if (const auto weak = lists_.weakdeps.find(name); weak != lists_.weakdeps.end())
                for (const std::string_view wanted : weak->second)
                    add_all(kernel_.lookup(wanted), Reason::Kind::Weakdep, name);
        }
    }
    // A network driver finds its PHY by the id on the wire, which no dependency tells: r8169 without realtek
    // has no link. So every driver that uses phylib brings the PHY drivers that the lists do not rule out.
    void add_phy_drivers(const HardwareFilter& hardware) {
        const std::string user = phylib_user();
        if (user.empty()) return;
        for (const std::string& path : lists_.modules) {
            const std::string name = module_name_of(path);
            if (!is_phy_driver(lists_, name)) continue;
            if (hardware.knows_phys() && !hardware.judge(name, path, false).wanted) continue;
            add(name, path, {Reason::Kind::PhyDriver, user, {}, {}, {}});
        }
        close();
    }
    std::vector<Module> by_path() const {
        std::vector<Module> all;
        for (const auto& [name, module] : modules_)
            all.push_back(module);
        std::sort(all.begin(), all.end(), [](const Module& a, const Module& b) { return a.path < b.path; });
        return all;
    }

  private:
    void add_all(const std::vector<wrap::KernelModule>& found, Reason::Kind kind, const std::string& from) {
        for (const wrap::KernelModule& module : found) {
            if (!module.path.empty()) // otherwise built in
                add(module.name, module.path, Reason{kind, from, {}, {}, {}});
        }
    }
    std::vector<std::string_view> dependencies(const std::string& name) const {
        std::vector<std::string_view> paths;
        if (const auto found = lists_.dependencies.find(name); found != lists_.dependencies.end())
            for (const std::string_view line : found->second)
                for (const std::string_view path : split_words(line))
                    paths.push_back(path);
        return paths;
    }
    std::string phylib_user() const {
        for (const auto& [name, module] : modules_) {
            if (!module.path.starts_with(network_drivers) || is_phy_driver(lists_, name)) continue;
            if (module.path.starts_with("kernel/drivers/net/phy/") ||
                module.path.starts_with("kernel/drivers/net/mdio/"))
                continue;
            for (const std::string_view path : dependencies(name))
                if (module_name_of(path) == phylib) return name;
        }
        return {};
    }

    const wrap::KernelModules& kernel_;
    const KernelLists& lists_;
    std::map<std::string, Module> modules_;
    std::deque<std::string> todo_;
};

// What every path that a pattern matches begins with: most paths need no closer look.
std::string_view literal_start(std::string_view glob) {
    return glob.substr(0, glob.find_first_of("*?[\\"));
}

void add_matches(const Pattern& pattern, const KernelLists& lists, const HardwareFilter& hardware,
                 Closure& closure, Findings& findings, const std::string& kernel_version) {
    const bool named = pattern.glob.ends_with(".ko") && !has_glob(pattern.glob);
    const std::string_view start = literal_start(pattern.glob);
    bool matched = false;
    for (const std::string& path : lists.modules) {
        if (!path.starts_with(start) || !module_pattern_matches(pattern.glob, path)) continue;
        matched = true;
        const std::string name = module_name_of(path);
        if (hardware.active() && !hardware.knows_phys() && is_phy_driver(lists, name)) continue;
        auto verdict = hardware.judge(name, path, named);
        if (verdict.wanted)
            closure.add(
                name, path,
                {Reason::Kind::Pattern, {}, pattern.feature, pattern.origin, std::move(verdict.machine)});
    }
    const auto is_match = [&](const std::string& path) { return module_pattern_matches(pattern.glob, path); };
    if (!matched && !pattern.optional && std::none_of(lists.builtin.begin(), lists.builtin.end(), is_match))
        findings.hole(pattern.origin.text(),
                      fmt::format("'{}' matches no module of kernel {}, built in or not",
                                  excerpt(pattern.glob), kernel_version),
                      suggestion(pattern, lists.modules));
}

// Where folders really are. Those of modules share their parents, and each is looked at once.
class RealFolders {
  public:
    explicit RealFolders(const Sysroot& tree) : tree_(tree) {}

    // nullptr: it is not there.
    const std::string* find(const std::string& folder) {
        const auto [known, is_new] = known_.try_emplace(folder);
        if (is_new) known->second = look(folder);
        return known->second ? &*known->second : nullptr;
    }

  private:
    std::optional<std::string> look(const std::string& folder) {
        const auto slash = folder.rfind('/');
        if (slash == std::string::npos) return real(folder);
        const std::string* parent = find(folder.substr(0, slash));
        return parent != nullptr ? real(clean_path(*parent + folder.substr(slash))) : std::nullopt;
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

void find_files(std::vector<Module>& modules, const Sysroot& tree, const std::string& directory,
                const std::string& remedy, Findings& findings) {
    RealFolders folders(tree);
    for (Module& module : modules) {
        std::string path = clean_path(directory + '/' + module.path);
        const auto slash = path.rfind('/');
        const std::string* folder = folders.find(path.substr(0, slash));
        if (folder != nullptr) path = clean_path(*folder + path.substr(slash)); // "": the tree's root
        auto entry = folder != nullptr ? tree.entry(path) : std::nullopt;
        if (entry && entry->kind == Sysroot::Entry::Kind::Link) {
            const auto real = tree.resolve(path);
            entry = real ? tree.entry(real->path) : std::nullopt;
            if (real) path = real->path;
        }
        if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) {
            findings.problem(tree.host(directory + '/' + module.path).string(),
                             "is listed in modules.dep but is not there", remedy);
            continue;
        }
        module.source = tree.host(path);
        module.size = entry->size;
    }
}

// Reading is unpacking where modules are packed: side by side, each worker every n-th module.
std::vector<Result<ModuleFile>> read_all(const std::vector<Module>& modules) {
    std::vector<Result<ModuleFile>> files(modules.size());
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    const auto read_every = [&](std::size_t first) {
        for (std::size_t i = first; i < modules.size(); i += workers)
            files[i] = read_module_file(modules[i].source);
    };
    std::vector<std::future<void>> running;
    for (std::size_t worker = 0; worker < workers; ++worker)
        running.push_back(std::async(read_every, worker));
    for (auto& worker : running)
        worker.get();
    return files;
}

// What each module says of itself. All are read, also when no firmware is wanted: what cannot be loaded has
// no place in an image.
void read_modules(ModuleSet& set, const Sysroot& tree, const ModuleOptions& options, Findings& findings) {
    FirmwareFinder finder(tree, set.kernel_version);
    const auto files = read_all(set.modules);
    for (std::size_t i = 0; i < set.modules.size(); ++i) {
        Module& module = set.modules[i];
        const auto& file = files[i];
        if (!file) {
            findings.problem(file.error());
            continue;
        }
        module.packed = file->packed;
        module.plain_size = file->plain_size;
        if (options.firmware == FirmwarePolicy::None ||
            (options.firmware == FirmwarePolicy::Network && !module.path.starts_with(network_drivers)))
            continue;
        for (const std::string& name : file->firmware) {
            if (finder.add(name, module.name)) continue;
            if (options.strict_firmware)
                findings.problem(module.name, fmt::format("firmware '{}' is not in {}", name,
                                                          tree.host("lib/firmware").string()));
            set.missing_firmware.push_back({module.name, name});
        }
        const auto [first, last] = options.undeclared_firmware.equal_range(module.name);
        for (auto each = first; each != last; ++each)
            finder.add(each->second, module.name);
    }
    set.firmware = finder.take();
}

} // namespace

Result<ModuleSet> ModuleResolver::resolve(const std::vector<Pattern>& patterns) const {
    Findings findings(options_.lenient);
    const HardwareFilter hardware(options_.machines, lists_);
    Closure closure(lists_);
    for (const Pattern& pattern : patterns)
        add_matches(pattern, lists_, hardware, closure, findings, kernel_version_);
    closure.close();
    closure.add_phy_drivers(hardware);

    ModuleSet set;
    set.kernel_version = kernel_version_;
    set.modules = closure.by_path();
    const std::string remedy = fmt::format("run: depmod -b {} {}", tree_.root().string(), kernel_version_);
    find_files(set.modules, tree_, directory_, remedy, findings);
    MKPXERD_TRY(findings.finish());
    read_modules(set, tree_, options_, findings);
    MKPXERD_TRY(findings.finish());
    set.warnings = findings.warnings();
    return set;
}

} // namespace mkpxerd::generator
