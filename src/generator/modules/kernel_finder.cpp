// SPDX-License-Identifier: MIT
// The kernel comes from the tree; the build machine's own kernel counts only when the tree is that machine's
// root.
#include "mkpxerd/generator/modules/kernel_finder.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <tuple>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/names.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array module_directories = {"lib/modules", "usr/lib/modules"};

struct Candidate {
    std::string name;
    std::string directory; // real path
    bool is_whole = false;
};

// Leftovers of package managers: depmod's files, directories of other packages, and links to headers.
bool is_leftover(std::string_view name) {
    static constexpr std::array<std::string_view, 5> directories = {"updates", "extra", "weak-updates",
                                                                    "build", "source"};
    return name.starts_with("modules.") ||
           std::find(directories.begin(), directories.end(), name) != directories.end();
}

bool is_directory(const Sysroot& tree, const std::string& path) {
    const auto entry = tree.entry(path);
    return entry && entry->kind == Sysroot::Entry::Kind::Directory;
}

// Does the directory contain anything that only a kernel's package has, such as kernel/ with modules,
// vmlinuz, or vdso/?
bool is_whole(const Sysroot& tree, const std::string& directory) {
    const auto names = tree.list(directory);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const std::string path = directory + '/' + name;
        return !is_leftover(name) && !(is_directory(tree, path) && tree.list(path).empty());
    });
}

// Every kernel has modules or a list of built-in ones.
bool has_lists(const Sysroot& tree, const std::string& directory) {
    return tree.entry(directory + "/modules.dep") || tree.entry(directory + "/modules.builtin");
}

Result<std::vector<Candidate>> list_candidates(const Sysroot& tree) {
    std::vector<Candidate> all;
    std::string before;
    for (const std::string directory : module_directories) {
        const auto modules = tree.resolve(directory);
        if (!modules || modules->path == before) continue;
        before = modules->path;
        MKPXERD_TRY_ASSIGN(const auto names, tree.read_directory(modules->path));
        for (const std::string& name : names) {
            const auto real = tree.resolve(modules->path + '/' + name);
            if (!real || !is_directory(tree, real->path)) continue;
            // "6.1 -> 6.1.0-9" is neither a second kernel nor a version.
            const std::string place = modules->path + '/';
            const bool is_link_to_sibling =
                real->path.starts_with(place) && real->path.find('/', place.size()) == std::string::npos;
            all.push_back({.name = is_link_to_sibling ? real->path.substr(place.size()) : name,
                           .directory = real->path,
                           .is_whole = is_whole(tree, real->path)});
        }
    }
    // Each directory once, and of two with the same name the complete one.
    std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
        return std::tie(a.name, b.is_whole) < std::tie(b.name, a.is_whole);
    });
    const auto again = std::unique(all.begin(), all.end(),
                                   [](const Candidate& a, const Candidate& b) { return a.name == b.name; });
    all.erase(again, all.end());
    return all;
}

// Names are used in boot.conf, scripts of loaders and paths. Removes directories whose names are not kernel
// versions, and returns those names.
std::vector<std::string> take_misnamed(const Sysroot& tree, std::vector<Candidate>& all) {
    std::vector<std::string> misnamed;
    for (const Candidate& each : all)
        if (!is_kernel_version(each.name) && (each.is_whole || has_lists(tree, each.directory)))
            misnamed.push_back(each.name);
    std::erase_if(all, [](const Candidate& each) { return !is_kernel_version(each.name); });
    return misnamed;
}

// A directory that does not look like a kernel's is accepted if the user names it, even by a link.
std::optional<Kernel> find_named(const Sysroot& tree, const std::vector<Candidate>& all,
                                 const std::string& wanted) {
    if (wanted.empty()) return std::nullopt;
    for (const std::string parent : module_directories) {
        const auto named = tree.resolve(parent + '/' + wanted);
        if (!named) continue;
        for (const Candidate& each : all)
            if (each.directory == named->path) return Kernel{each.name, each.directory};
    }
    return std::nullopt;
}

} // namespace

Result<Kernel> KernelFinder::find(const std::string& wanted) const {
    MKPXERD_TRY_ASSIGN(auto all, list_candidates(tree_));
    const auto misnamed = take_misnamed(tree_, all);
    const std::string directory =
        tree_
            .host(tree_.resolve(module_directories[0]) || !tree_.resolve(module_directories[1])
                      ? module_directories[0]
                      : module_directories[1])
            .string();
    if (!wanted.empty() && !is_kernel_version(wanted))
        return fail(directory, fmt::format("'{}' is not a kernel version", wanted), kernel_version_form);
    std::vector<Problem> warnings;
    for (const std::string& name : misnamed)
        warnings.push_back({.object = directory,
                            .text = fmt::format("'{}' is left out: it is not a kernel version", name),
                            .hint = std::string(kernel_version_form)});
    std::vector<Candidate> kernels;
    std::copy_if(all.begin(), all.end(), std::back_inserter(kernels),
                 [](const Candidate& each) { return each.is_whole; });
    if (kernels.empty()) // a kernel with everything built in, or only with modules of other packages
        std::copy_if(all.begin(), all.end(), std::back_inserter(kernels),
                     [&](const Candidate& each) { return has_lists(tree_, each.directory); });
    std::vector<std::string> versions;
    for (const Candidate& kernel : kernels)
        versions.push_back(kernel.name);

    std::string version = wanted;
    if (auto named = find_named(tree_, all, wanted)) {
        named->warnings = std::move(warnings);
        return std::move(*named);
    }
    if (versions.empty() && !misnamed.empty())
        return fail(directory,
                    fmt::format("has no kernel but '{}', which is not a kernel version", misnamed.front()),
                    fmt::format("rename the directory: {}", kernel_version_form));
    if (versions.empty())
        return fail(
            directory, "has no kernel modules",
            "install a kernel, name another tree with -b or --kernel-root, or leave modules out with -n");
    if (version.empty() && std::find(versions.begin(), versions.end(), running_) != versions.end())
        version = running_;
    if (version.empty() && versions.size() == 1) version = versions.front();
    if (version.empty())
        return fail(directory, fmt::format("has several kernels: {}", fmt::join(versions, ", ")),
                    "name one as the last argument");
    const auto found = std::find_if(kernels.begin(), kernels.end(),
                                    [&](const Candidate& each) { return each.name == version; });
    if (found == kernels.end()) {
        const auto near = nearest(version, versions);
        return fail(directory,
                    fmt::format("has no kernel '{}', only: {}", version, fmt::join(versions, ", ")),
                    near ? fmt::format("did you mean '{}'?", *near) : "");
    }
    return Kernel{found->name, found->directory, std::move(warnings)};
}

} // namespace mkpxerd::generator
