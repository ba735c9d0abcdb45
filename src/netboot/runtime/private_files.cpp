// SPDX-License-Identifier: MIT
// Files get their mode on creation, so that others can never read them.
#include "mkpxerd/netboot/runtime/private_files.hpp"

#include <cerrno>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::netboot {

void make_private_directory(const std::filesystem::path& path) {
    if (path.empty() || ::mkdir(path.c_str(), 0700) == 0 || errno != ENOENT) return;
    make_private_directory(path.parent_path());
    (void)::mkdir(path.c_str(), 0700);
}

Result<void> write_private(const std::filesystem::path& path, std::string_view content) {
    make_private_directory(path.parent_path());
    return write_file(path, content, 0600);
}

} // namespace mkpxerd::netboot
