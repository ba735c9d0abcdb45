// SPDX-License-Identifier: MIT
// The most exact name first, in each directory.
#include "mkpxerd/deploy/kernel_image.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/names.hpp"

namespace mkpxerd::deploy {

Result<TreePath> find_kernel_image(const std::vector<TreePath>& directories, const std::string& version) {
    std::vector<std::string> names;
    if (is_kernel_version(version)) { // the version may come from an image
        names.push_back("vmlinuz-" + version);
        names.push_back("vmlinuz-" + version.substr(version.rfind('-') + 1));
    }
    names.emplace_back("vmlinuz");
    std::string searched;
    for (const auto& directory : directories) {
        for (const std::string& name : names)
            if (TreePath file = directory / name; is_regular(file)) return file;
        searched += fmt::format("{}{}", searched.empty() ? "" : ", ", directory.string());
    }
    return fail(names.front(), fmt::format("no such kernel in {}", searched), "name it with --kernel");
}

Result<TreePath> choose_kernel_image(const std::filesystem::path& named,
                                     const std::vector<TreePath>& directories, const std::string& version) {
    if (named.empty()) return find_kernel_image(directories, version);
    std::error_code error;
    if (!std::filesystem::is_regular_file(named, error)) return fail(named.string(), "is not a file");
    return TreePath(named);
}

} // namespace mkpxerd::deploy
