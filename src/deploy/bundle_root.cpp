// SPDX-License-Identifier: MIT
// The init recognises a root by its content, too: a file system by its superblock, anything else is a
// tarball.
#include "mkpxerd/deploy/bundle_root.hpp"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/own_file.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

// SQUASHFS_MAGIC of fs/squashfs/squashfs_fs.h and EROFS_SUPER_MAGIC_V1 of fs/erofs/erofs_fs.h, little-endian.
constexpr std::string_view squashfs_magic = "hsqs";
constexpr std::string_view erofs_magic = "\xe2\xe1\xf5\xe0";
constexpr std::size_t erofs_superblock = 1024; // bytes before it

bool is_tarball(const fs::path& file) {
    auto reader = wrap::TarReader::open(file);
    if (!reader) return false;
    const auto first = reader->next();
    return first && first->has_value();
}

} // namespace

Result<RootForm> read_root_form(const fs::path& file) {
    std::array<std::byte, erofs_superblock + erofs_magic.size()> bytes{};
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_file(file, O_RDONLY));
    MKPXERD_TRY_ASSIGN(const std::size_t count, read_at(fd.get(), 0, bytes, file));
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), count);
    if (head.starts_with(squashfs_magic)) return RootForm::Squashfs;
    if (head.size() == bytes.size() && head.ends_with(erofs_magic)) return RootForm::Erofs;
    if (is_tarball(file)) return RootForm::Tarball;
    return fail(file.string(), "is neither a squashfs nor an erofs nor a tarball", "mksquashfs makes one");
}

std::string_view typical_name(RootForm form) {
    switch (form) {
    case RootForm::Squashfs:
        return "root.squashfs";
    case RootForm::Erofs:
        return "root.erofs";
    case RootForm::Tarball:
        break;
    }
    return "root.tar.gz";
}

Result<void> choose_own_root(SiteOptions& site) {
    std::error_code error;
    const fs::path file = site.root;
    if (!fs::is_regular_file(file, error)) {
        if (site.root.find_first_of(":=") != std::string::npos) return {};
        if (fs::is_directory(file, error))
            return fail("--root " + site.root, "is a directory",
                        fmt::format("mksquashfs {} root.squashfs makes a root of it", site.root));
        const bool is_name = !file.has_parent_path() && !file.has_extension(); // sda1
        if (is_name || site.root.starts_with("/dev/")) return {};
        return fail("--root " + site.root, "is neither a file of this machine nor a source of the init",
                    "give a squashfs, an erofs, a tarball, nfs:HOST:PATH, a URL or a device");
    }
    MKPXERD_TRY(read_root_form(file));
    MKPXERD_TRY_ASSIGN(site.own_root, own_file_name(file));
    if (site.own_root == site.own_apkovl)
        return fail(site.root, "has the name of the apkovl", "rename one of them");
    return {};
}

} // namespace mkpxerd::deploy
