// SPDX-License-Identifier: MIT
// Patterns are matched against the lists that depmod wrote, not against the file system: one read instead of a walk,
// and what depmod does not know could not be loaded anyway.
#include "mkpxerd/generator/module_resolver.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/kmod.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 3> module_compressions = {".gz", ".xz", ".zst"};
// Where the kernel looks for firmware: drivers/base/firmware_loader/main.c, fw_path; its compressed forms likewise.
constexpr std::array<std::string_view, 3> firmware_suffixes = {"", ".zst", ".xz"};

std::string_view plain_module_path(std::string_view path) {
    for (const auto suffix : module_compressions)
        if (path.ends_with(suffix) && path.substr(0, path.size() - suffix.size()).ends_with(".ko"))
            return path.substr(0, path.size() - suffix.size());
    return path;
}

// All module paths of modules.dep, in its order.
std::vector<std::string> parse_dep_paths(std::string_view text) {
    std::vector<std::string> paths;
    for (const auto line : split_lines(text)) {
        const auto colon = line.find(':');
        if (colon != std::string_view::npos) paths.emplace_back(line.substr(0, colon));
    }
    return paths;
}

struct KernelLists {
    std::vector<std::string> modules;  // paths in modules.dep
    std::vector<std::string> builtin;  // paths in modules.builtin
};

Result<KernelLists> read_lists(const std::filesystem::path& folder) {
    KernelLists lists;
    MKPXERD_TRY_ASSIGN(const std::string dep, read_file(folder / "modules.dep"));
    lists.modules = parse_dep_paths(dep);
    // Absent on very old kernels only; then nothing counts as built in.
    if (const auto builtin = read_file(folder / "modules.builtin"))
        for (const auto line : split_lines(*builtin))
            lists.builtin.emplace_back(line);
    return lists;
}

std::string suggestion(const Pattern& pattern, const std::vector<std::string>& modules) {
    const std::string wanted = module_name_of(pattern.glob);
    if (has_glob(pattern.glob)) return "put '?' before the pattern if it may be absent";
    for (const std::string& path : modules)
        if (module_name_of(path) == wanted) return fmt::format("did you mean {}?", plain_module_path(path));
    std::vector<std::string> names;
    for (const std::string& path : modules)
        names.push_back(module_name_of(path));
    if (const auto near = nearest(wanted, names))
        for (const std::string& path : modules)
            if (module_name_of(path) == *near) return fmt::format("did you mean {}?", plain_module_path(path));
    return "put '?' before the pattern if it may be absent";
}

// The closure under construction: modules by name, and those whose dependencies are still to be looked at.
class Closure {
  public:
    explicit Closure(std::string prefix) : prefix_(std::move(prefix)) {}

    void add(const std::string& name, const std::string& path, Reason reason) {
        if (!modules_.try_emplace(name, Module{name, path, {}, 0, std::move(reason)}).second) return;
        todo_.push_back(name);
    }
    void add_all(const std::vector<wrap::KernelModule>& found, Reason::Kind kind, const std::string& from) {
        for (const wrap::KernelModule& module : found) {
            if (module.path.empty()) continue; // built in
            const std::string path = module.path.string();
            if (path.starts_with(prefix_))
                add(module.name, path.substr(prefix_.size()), Reason{kind, from, {}, {}});
        }
    }
    void close(const wrap::KernelModules& kernel) {
        while (!todo_.empty()) {
            const std::string name = std::move(todo_.front());
            todo_.pop_front();
            add_all(kernel.depends(name), Reason::Kind::Depends, name);
            const auto soft = kernel.softdeps(name);
            add_all(soft.pre, Reason::Kind::SoftdepPre, name);
            add_all(soft.post, Reason::Kind::SoftdepPost, name);
        }
    }
    std::vector<Module> by_path() const {
        std::vector<Module> all;
        for (const auto& [name, module] : modules_)
            all.push_back(module);
        std::sort(all.begin(), all.end(), [](const Module& a, const Module& b) { return a.path < b.path; });
        return all;
    }

  private:
    std::string prefix_; // of absolute paths: the module folder and a slash
    std::map<std::string, Module> modules_;
    std::deque<std::string> todo_;
};

// Firmware files as they lie in the tree, links and all.
class FirmwareFinder {
  public:
    FirmwareFinder(const Sysroot& tree, const std::string& version)
        : tree_(tree), folders_{"lib/firmware/updates/" + version, "lib/firmware/updates", "lib/firmware/" + version,
                                "lib/firmware"} {
        const auto lib = tree.resolve("lib");
        real_lib_ = (lib ? lib->path : "lib") + '/';
    }

    // false: the tree lacks it. A name may be a pattern (MODULE_FIRMWARE("mrvl/*.bin")).
    bool add(const std::string& name, const std::string& module) {
        bool found = false;
        for (const std::string& folder : folders_) {
            for (const auto suffix : firmware_suffixes) {
                const std::string wanted = folder + '/' + name + std::string(suffix);
                if (has_glob(name)) {
                    for (const std::string& path : tree_.glob(wanted))
                        found = add_path(path, module) || found;
                } else {
                    found = add_path(wanted, module);
                }
                if (found) return true;
            }
        }
        return false;
    }

    std::vector<Firmware> by_path() const {
        std::vector<Firmware> all;
        for (const auto& [path, firmware] : found_)
            all.push_back(firmware);
        return all;
    }

  private:
    // Whether lib is a link to usr/lib is the image's business: "usr/lib/firmware/x" is "lib/firmware/x" there.
    std::string image_path(const std::string& real) const {
        return real.starts_with(real_lib_) ? "lib/" + real.substr(real_lib_.size()) : real;
    }

    bool add_path(const std::string& path, const std::string& module) {
        const auto real = tree_.resolve(path);
        if (!real) return false;
        const auto entry = tree_.entry(real->path);
        if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) return false;
        const Reason reason{Reason::Kind::Firmware, module, {}, {}};
        for (const std::string& link : real->links) {
            if (link == "lib") continue;
            const std::string name = image_path(link);
            found_.try_emplace(name, Firmware{name, tree_.entry(link)->target, {}, 0, reason});
        }
        const std::string name = image_path(real->path);
        found_.try_emplace(name, Firmware{name, {}, tree_.host(real->path), entry->size, reason});
        return true;
    }

    const Sysroot& tree_;
    std::vector<std::string> folders_;
    std::string real_lib_; // with a slash
    std::map<std::string, Firmware> found_;
};

} // namespace

std::string module_name_of(std::string_view path) {
    path = plain_module_path(path);
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
    if (path.ends_with(".ko")) path.remove_suffix(3);
    std::string name(path);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

bool module_pattern_matches(std::string_view glob, std::string_view path) {
    const std::string_view whole = path;
    for (;;) {
        const auto glob_end = glob.find('/');
        const auto path_end = path.find('/');
        const std::string_view glob_piece = glob.substr(0, glob_end);
        const std::string_view path_piece = path.substr(0, path_end);
        const bool last = glob_end == std::string_view::npos;
        if (last && path_end == std::string_view::npos)
            return glob_match(glob_piece, path_piece, false) ||
                   glob_match(glob_piece, plain_module_path(path_piece), false);
        if (path_end == std::string_view::npos) return false;
        if (!glob_match(glob_piece, path_piece, false)) return false;
        if (last) return whole.find(".ko") != std::string_view::npos;
        glob.remove_prefix(glob_end + 1);
        path.remove_prefix(path_end + 1);
        if (glob.empty()) return true; // "folder/"
    }
}

Result<ModuleSet> ModuleResolver::resolve(const std::vector<Pattern>& patterns) const {
    const std::filesystem::path folder = tree_.host(directory_);
    MKPXERD_TRY_ASSIGN(const wrap::KernelModules kernel, wrap::KernelModules::open(folder));
    MKPXERD_TRY_ASSIGN(const KernelLists lists, read_lists(folder));

    Problems problems;
    Closure closure(folder.string() + '/');
    for (const Pattern& pattern : patterns) {
        bool matched = false;
        for (const std::string& path : lists.modules) {
            if (!module_pattern_matches(pattern.glob, path)) continue;
            matched = true;
            closure.add(module_name_of(path), path, {Reason::Kind::Pattern, {}, pattern.feature, pattern.origin});
        }
        const auto is_match = [&](const std::string& path) { return module_pattern_matches(pattern.glob, path); };
        if (!matched && !pattern.optional && !std::any_of(lists.builtin.begin(), lists.builtin.end(), is_match))
            problems.add(pattern.origin.text(),
                         fmt::format("'{}' matches no module of kernel {}, built in or not", pattern.glob,
                                     kernel_version_),
                         suggestion(pattern, lists.modules));
    }
    closure.close(kernel);

    ModuleSet set;
    set.kernel_version = kernel_version_;
    set.modules = closure.by_path();
    for (Module& module : set.modules) {
        const auto real = tree_.resolve(directory_ + '/' + module.path);
        const auto entry = real ? tree_.entry(real->path) : std::nullopt;
        if (!entry || entry->kind != Sysroot::Entry::Kind::Regular) {
            problems.add((folder / module.path).string(), "is listed in modules.dep but is not there",
                         "run: depmod -b " + tree_.root().string() + ' ' + kernel_version_);
            continue;
        }
        module.source = tree_.host(real->path);
        module.size = entry->size;
    }
    MKPXERD_TRY(problems.finish());
    FirmwareFinder firmware(tree_, kernel_version_);
    for (const Module& module : set.modules) {
        const auto info = kernel.info(module.name);
        if (!info) {
            problems.add(info.error());
            continue;
        }
        for (const std::string& name : info->firmware)
            if (!firmware.add(name, module.name))
                set.warnings.push_back({module.name, fmt::format("firmware '{}' is not in {}", name,
                                                                 tree_.host("lib/firmware").string()),
                                        {}, {}});
    }
    set.firmware = firmware.by_path();
    MKPXERD_TRY(problems.finish());
    return set;
}

} // namespace mkpxerd::generator
