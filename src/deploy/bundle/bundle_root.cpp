// SPDX-License-Identifier: MIT
// The init recognises a root by its content, too: a file system by its superblock, anything else is a
// tarball.
#include "mkpxerd/deploy/bundle/bundle_root.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/site/own_file.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

// struct squashfs_super_block of fs/squashfs/squashfs_fs.h and struct erofs_super_block of
// fs/erofs/erofs_fs.h, little-endian.
constexpr std::string_view squashfs_magic = "hsqs";
constexpr std::size_t squashfs_bytes_used = 40; // 64 bits
constexpr std::string_view erofs_magic = "\xe2\xe1\xf5\xe0";
constexpr std::size_t erofs_superblock = 1024;                     // bytes before it
constexpr std::size_t erofs_block_bits = erofs_superblock + 12;    // 8 bits
constexpr std::size_t erofs_blocks = erofs_superblock + 36;        // 32 bits
constexpr std::size_t head_size = (std::size_t{32} << 10) + 2048U; // ISO 9660 begins late

// What people have and the init does not boot.
struct OtherForm {
    std::size_t at;
    std::string_view magic;
    const char* text;
    const char* hint;
};
constexpr const char* hint_to_mount = "mount it, and mksquashfs makes a root of the directory";
constexpr const char* hint_to_unpack = "unpack it, and mksquashfs makes a root of the directory";
constexpr auto other_forms = std::to_array<OtherForm>({
    {0x8001, "CD001", "is an ISO 9660 image", "the squashfs in it may be a root"},
    {0, "QFI\xfb", "is a qcow2 disk image", hint_to_mount},
    {0x438, "\x53\xef", "is an ext2, ext3 or ext4 file system", hint_to_mount},
    {0, "070701", "is a cpio archive", hint_to_unpack},
    {0, "070702", "is a cpio archive", hint_to_unpack},
    {0, "PK\x03\x04", "is a zip archive", hint_to_unpack},
    {0x1fe, "\x55\xaa", "is a disk image or a kernel", hint_to_mount},
});

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
}

bool has(std::string_view head, std::size_t at, std::string_view magic) {
    return at < head.size() && head.substr(at).starts_with(magic);
}

// A download that was cut off begins like a whole one.
Result<void> check_size(const fs::path& file, std::uint64_t promised) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size >= promised) return {};
    return fail(file.string(), fmt::format("is cut off: it has {} of {} bytes", size, promised),
                "copy or download it again");
}

// Errors: what is wrong after the beginning of a tarball; a compression or encryption that the init does not
// read. false: it is something else.
Result<bool> is_tarball(const fs::path& file) {
    const auto is_known = [](const Error& error) { return error.first().code != Failure{}; };
    auto reader = wrap::TarReader::open(file);
    if (!reader) return is_known(reader.error()) ? Result<bool>(fail(reader.error())) : false;
    auto entry = reader->next();
    if (!entry) return is_known(entry.error()) ? Result<bool>(fail(entry.error())) : false;
    if (!*entry) return false;
    while (entry && *entry)
        entry = reader->next();
    if (!entry) return fail(entry.error());
    return true;
}

} // namespace

Result<RootForm> read_root_form(const fs::path& file) {
    std::vector<std::byte> bytes(head_size);
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_file(file, O_RDONLY));
    MKPXERD_TRY_ASSIGN(const std::size_t count, read_at(fd.get(), 0, bytes, file));
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), count);
    if (head.empty()) return fail(file.string(), "is empty");
    if (has(head, 0, squashfs_magic)) {
        MKPXERD_TRY(check_size(file, number_at(head, squashfs_bytes_used, 8)));
        return RootForm::Squashfs;
    }
    if (has(head, erofs_superblock, erofs_magic)) {
        const std::uint64_t bits = std::min<std::uint64_t>(number_at(head, erofs_block_bits, 1), 16);
        MKPXERD_TRY(check_size(file, number_at(head, erofs_blocks, 4) << bits));
        return RootForm::Erofs;
    }
    MKPXERD_TRY_ASSIGN(const bool is_tar, is_tarball(file));
    if (is_tar) return RootForm::Tarball;
    for (const OtherForm& form : other_forms)
        if (has(head, form.at, form.magic)) return fail(file.string(), form.text, form.hint);
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

Result<std::optional<RootForm>> choose_own_root(SiteOptions& site) {
    std::error_code error;
    const fs::path file = site.root;
    if (!fs::is_regular_file(file, error)) {
        if (site.root.find_first_of(":=") != std::string::npos) return std::nullopt;
        if (fs::is_directory(file, error))
            return fail("--root " + site.root, "is a directory",
                        fmt::format("mksquashfs {} root.squashfs makes a root of it", site.root));
        const bool is_name = !file.has_parent_path() && !file.has_extension(); // sda1
        if (is_name || site.root.starts_with("/dev/")) return std::nullopt;
        return fail("--root " + site.root, "is neither a file of this machine nor a source of the init",
                    "give a squashfs, an erofs, a tarball, nfs:HOST:PATH, a URL or a device");
    }
    MKPXERD_TRY_ASSIGN(const RootForm form, read_root_form(file));
    MKPXERD_TRY_ASSIGN(site.own_root, own_file_name(file));
    if (site.own_root == site.own_apkovl)
        return fail(site.root, "has the name of the apkovl", "rename one of them");
    return form;
}

} // namespace mkpxerd::deploy
