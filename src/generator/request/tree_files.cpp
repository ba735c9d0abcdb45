// SPDX-License-Identifier: MIT
// A tree can only name its own files: this searches only below its root.
#include "mkpxerd/generator/request/tree_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {

bool is_this_machine(const std::filesystem::path& directory) {
    struct stat given {};
    struct stat root {};
    return ::stat(directory.c_str(), &given) == 0 && ::stat("/", &root) == 0 && given.st_dev == root.st_dev &&
           given.st_ino == root.st_ino;
}

Result<TreePath> file_of_tree(const Sysroot& tree, const std::string& named, const Origin& origin) {
    Problems unreadable;
    const auto real = tree.resolve(named, unreadable);
    MKPXERD_TRY(unreadable.finish());
    if (real && is_regular(tree.file(real->path))) return tree.file(real->path);
    return fail(origin.text(), fmt::format("{} is not a file in {}", excerpt(named), tree.root().string()),
                "a tree can only name files inside itself; name files of this machine on the command line");
}

} // namespace mkpxerd::generator
