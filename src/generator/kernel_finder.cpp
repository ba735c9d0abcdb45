// SPDX-License-Identifier: MIT
// The kernel comes from the tree; the build machine's own kernel counts only when the tree is its own.
#include "mkpxerd/generator/kernel_finder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {

Result<Kernel> KernelFinder::find(const std::string& wanted) const {
    const std::string folder = tree_.host("lib/modules").string();
    const auto modules = tree_.resolve("lib/modules");
    std::vector<std::string> versions;
    if (modules) {
        MKPXERD_TRY_ASSIGN(const auto names, tree_.read_folder(modules->path));
        for (const std::string& name : names) {
            const auto real = tree_.resolve(modules->path + '/' + name);
            const auto entry = real ? tree_.entry(real->path) : std::nullopt;
            if (entry && entry->kind == Sysroot::Entry::Kind::Directory) versions.push_back(name);
        }
    }
    if (versions.empty())
        return fail(
            folder, "has no kernel modules",
            "install a kernel, name another tree with -b or --kernel-root, or leave modules out with -n");

    std::string version = wanted;
    if (version.empty() && std::find(versions.begin(), versions.end(), running_) != versions.end())
        version = running_;
    if (version.empty() && versions.size() == 1) version = versions.front();
    if (version.empty())
        return fail(folder, fmt::format("has several kernels: {}", fmt::join(versions, ", ")),
                    "name one as the last argument");
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
        const auto near = nearest(version, versions);
        return fail(folder, fmt::format("has no kernel '{}', only: {}", version, fmt::join(versions, ", ")),
                    near ? fmt::format("did you mean '{}'?", *near) : "");
    }
    return Kernel{version, tree_.resolve(modules->path + '/' + version)->path};
}

} // namespace mkpxerd::generator
