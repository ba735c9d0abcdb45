// SPDX-License-Identifier: MIT
// Matches patterns against depmod's lists, not against the file system: this is one read instead of a walk,
// and a module that depmod does not know could not be loaded anyway.
#include "mkpxerd/generator/modules/module_resolver.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/features/stage_findings.hpp"
#include "mkpxerd/generator/modules/module_closure.hpp"

namespace mkpxerd::generator {
namespace {

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

// The start of every path that a pattern matches: it excludes most paths.
std::string_view literal_start(std::string_view glob) {
    auto start = plain_module_path(glob.substr(0, glob.find_first_of("*?[\\")));
    if (start.ends_with(".ko.")) start.remove_suffix(1);
    return start;
}

// One line of a list: matches modules by depmod's place, by the kernel's place for such a module, or, for a
// module without such a place, by name.
class PatternMatcher {
  public:
    PatternMatcher(const Pattern& pattern, const KernelLists& lists)
        : glob_(pattern.glob), lists_(lists), start_(literal_start(glob_)),
          is_named_(is_module_file(glob_) && !has_glob(glob_)) {}

    bool is_named() const { return is_named_; } // the module itself, not its directory or a pattern
    bool matches(std::string_view path) const {
        if (path.starts_with('/')) path.remove_prefix(1);
        return path.starts_with(start_) && module_pattern_matches(glob_, path);
    }
    bool matches_module(const std::string& path) const {
        if (matches(path)) return true;
        if (path.starts_with("kernel/")) return false;
        const std::string_view home = lists_.home(path);
        return (home != path && matches(home)) ||
               (is_named_ && glob_.starts_with("kernel/") && module_name_of(glob_) == module_name_of(path));
    }

  private:
    const std::string& glob_;
    const KernelLists& lists_;
    std::string_view start_;
    bool is_named_;
};

void add_matches(const Pattern& pattern, const KernelLists& lists, const HardwareFilter& hardware,
                 ModuleClosure& closure, std::vector<LeftOut>& left_out, StageFindings& findings,
                 const std::string& kernel_version) {
    const PatternMatcher matcher(pattern, lists);
    bool matched = false;
    for (const std::string& path : lists.modules) {
        if (!matcher.matches_module(path)) continue;
        matched = true;
        const std::string name = module_name_of(path);
        auto verdict = hardware.judge(name, lists.home(path), matcher.is_named());
        Reason reason{.kind = Reason::Kind::Pattern,
                      .feature = pattern.feature,
                      .origin = pattern.origin,
                      .machine = std::move(verdict.machine)};
        // Without a list of PHYs they come with a driver that uses one, or not at all.
        const bool is_for_others = hardware.active() && !hardware.lists_phys() && is_phy_driver(lists, name);
        if (verdict.wanted && !is_for_others)
            closure.add({.name = name, .path = path, .reason = std::move(reason)});
        else
            left_out.push_back({.module = name, .reason = std::move(reason)});
    }
    for (const std::string& path : lists.builtin) {
        if (!matcher.matches(path)) continue;
        matched = true;
        std::string name = module_name_of(path);
        if (hardware.judge(name, path, matcher.is_named()).wanted) closure.add_builtin(std::move(name));
    }
    if (matched || pattern.optional) return;
    const bool knows_builtin = lists.texts.contains("modules.builtin");
    findings.hole(pattern.origin.text(),
                  fmt::format("'{}' matches no module of kernel {}{}", excerpt(pattern.glob), kernel_version,
                              knows_builtin ? ", built in or not"
                                            : "; without modules.builtin, built-in modules are unknown"),
                  suggestion(pattern, lists.modules));
}

// Reads modules in parallel, since compressed ones must be unpacked: each worker takes every n-th module.
std::vector<Result<ModuleFile>> read_all(const std::vector<FoundModule>& modules, PlainContents* contents) {
    std::vector<Result<ModuleFile>> files(modules.size());
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    const auto read_every = [&](std::size_t first) {
        for (std::size_t i = first; i < modules.size(); i += workers)
            files[i] = read_module_file(modules[i].source, contents);
    };
    std::vector<std::future<void>> running;
    for (std::size_t worker = 0; worker < workers; ++worker)
        running.push_back(std::async(read_every, worker));
    for (auto& worker : running)
        worker.get();
    return files;
}

// Firmware for modules and built-in drivers, as the policy demands.
class FirmwareRequests {
  public:
    FirmwareRequests(ReadModules& set, const Sysroot& tree, const ModuleOptions& options,
                     StageFindings& findings)
        : set_(set), tree_(tree), options_(options), findings_(findings), finder_(tree, set.kernel_version) {}

    // home: the kernel's place for such a driver. names: the firmware that the driver declares.
    template <class Names>
    void add(const std::string& module, std::string_view home, const Names& names) {
        if (options_.firmware == FirmwarePolicy::None ||
            (options_.firmware == FirmwarePolicy::Network && !is_network_driver(home)))
            return;
        for (const auto& declared : names) {
            const std::string name(declared);
            if (finder_.add(name, module)) continue;
            if (options_.strict_firmware)
                findings_.problem(module, fmt::format("firmware '{}' is not in {}", name,
                                                      tree_.host("lib/firmware").string()));
            set_.missing_firmware.push_back({.module = module, .name = name});
        }
        const auto [first, last] = options_.undeclared_firmware.equal_range(module);
        for (auto each = first; each != last; ++each)
            finder_.add(each->second, module);
    }
    void finish() { set_.firmware = finder_.take(); }

  private:
    ReadModules& set_;
    const Sysroot& tree_;
    const ModuleOptions& options_;
    StageFindings& findings_;
    FirmwareFinder finder_;
};

// Reads the facts of each module, even when no firmware is wanted: a module that cannot be loaded must not
// get into an image.
void read_modules(std::vector<FoundModule> found, ReadModules& set, const KernelLists& lists,
                  PlainContents* contents, FirmwareRequests& firmware, StageFindings& findings) {
    auto files = read_all(found, contents);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!files[i]) {
            findings.problem(files[i].error());
            continue;
        }
        firmware.add(found[i].name, lists.home(found[i].path), files[i]->firmware);
        set.modules.push_back({std::move(found[i]), std::move(*files[i])});
    }
}

void read_builtin(const std::set<std::string>& builtin, const KernelLists& lists,
                  FirmwareRequests& firmware) {
    static const std::vector<std::string_view> none;
    for (const std::string& path : lists.builtin) {
        const std::string name = module_name_of(path);
        if (!builtin.contains(name)) continue;
        const auto names = lists.builtin_firmware.find(name);
        firmware.add(name, path, names == lists.builtin_firmware.end() ? none : names->second);
    }
}

// A driver that --hardware left out for one line of a list may have been added by another.
std::vector<LeftOut> really_left_out(std::vector<LeftOut> all, const std::vector<ReadModule>& modules) {
    std::ranges::stable_sort(all, {}, &LeftOut::module);
    const auto is_same = [](const LeftOut& a, const LeftOut& b) { return a.module == b.module; };
    all.erase(std::unique(all.begin(), all.end(), is_same), all.end()); // no subrange: clang 14 refuses gcc's
    std::set<std::string_view> present;
    for (const ReadModule& module : modules)
        present.insert(module.name);
    std::erase_if(all, [&](const LeftOut& each) { return present.contains(each.module); });
    return all;
}

} // namespace

Result<ReadModules> ModuleResolver::resolve(const std::vector<Pattern>& patterns) const {
    StageFindings findings(options_.lenient);
    const std::string remedy = "run: " + depmod_command(tree_.host(directory_));
    const auto aliases = lists_.texts.find("modules.alias");
    if (!options_.machines.empty() && (aliases == lists_.texts.end() || aliases->second.empty()))
        findings.problem(tree_.host(directory_ + "/modules.alias").string(),
                         "is missing or empty, and without it --hardware finds no driver", remedy);
    MKPXERD_TRY(findings.finish());
    const HardwareFilter hardware(options_.machines, lists_);
    ModuleClosure closure(lists_);
    std::vector<LeftOut> left_out;
    for (const Pattern& pattern : patterns)
        add_matches(pattern, lists_, hardware, closure, left_out, findings, kernel_version_);
    closure.close();
    closure.add_phy_drivers(hardware, [&](const std::string& path) -> std::vector<std::string> {
        const auto file = find_module_file(tree_, directory_, path);
        if (!file) return {}; // find_modules() reports it
        return read_module_imports(tree_.file(*file), options_.contents).value_or(std::vector<std::string>());
    });
    for (const std::string& file : hardware.lists_without_driver())
        findings.warning("--hardware",
                         fmt::format("no line of {} matches a driver among the modules of kernel {}", file,
                                     kernel_version_));

    auto found = find_modules(closure.wanted(), tree_, directory_, findings);
    MKPXERD_TRY(findings.finish());
    ReadModules set;
    set.kernel_version = kernel_version_;
    FirmwareRequests firmware(set, tree_, options_, findings);
    read_modules(std::move(found), set, lists_, options_.contents, firmware, findings);
    read_builtin(closure.builtin(), lists_, firmware);
    MKPXERD_TRY(findings.finish());
    firmware.finish();
    set.left_out = really_left_out(std::move(left_out), set.modules);
    set.warnings = lists_.warnings;
    set.warnings.insert(set.warnings.end(), findings.warnings().begin(), findings.warnings().end());
    return set;
}

} // namespace mkpxerd::generator
