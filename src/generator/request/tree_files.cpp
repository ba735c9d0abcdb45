// SPDX-License-Identifier: MIT
// A tree can only name its own files: this searches only below its root.
#include "mkpxerd/generator/request/tree_files.hpp"

#include <algorithm>
#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
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

bool may_be_program(const TreePath& path) {
    const auto file = MappedFile::open(path);
    if (!file) return true;
    const std::string_view start(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    constexpr std::size_t type = 16; // of an ELF file; in either byte order
    return start.starts_with("#!") ||
           (start.starts_with("\177ELF") && start.size() > type + 1 &&
            (start[type] + start[type + 1] == ET_EXEC || start[type] + start[type + 1] == ET_DYN));
}

bool may_be_text(const TreePath& path) {
    constexpr std::size_t looked_at = 4096;
    const auto file = MappedFile::open(path);
    if (!file) return true;
    const auto start = file->bytes().first(std::min(file->bytes().size(), looked_at));
    return std::ranges::find(start, std::byte{0}) == start.end();
}

} // namespace mkpxerd::generator
