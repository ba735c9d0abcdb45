// SPDX-License-Identifier: MIT
// Magic numbers as in file(1), each at its place.
#include "mkpxerd/image/foreign_formats.hpp"

#include <algorithm>

namespace mkpxerd::image {
namespace {

using namespace std::string_view_literals;

struct Row {
    std::size_t at;
    std::string_view magic;
    ForeignFormat format;
};
constexpr Row table[] = {
    {0,
     "\xd0\x0d\xfe\xed"sv,
     {"a flattened image tree", "take the RAM disk out of it: dumpimage -T flat_dt"}},
    {0, "ANDROID!"sv, {"a boot image of Android", "take the RAM disk out of it: unpack_bootimg"}},
    {0, "hsqs"sv, {"a squashfs", "unsquashfs lists and unpacks it"}},
    {0,
     "\x7f"
     "ELF"sv,
     {"a program, library or module (ELF)", {}}},
    {0, "PK\x03\x04"sv, {"a zip archive", {}}},
    {0, "!<arch>\n"sv, {"a package of Debian, or another archive of ar", {}}},
    {0,
     "\xc7\x71"sv,
     {"a cpio archive in the old binary format", "the kernel reads newc only: cpio -H newc"}},
    {0, "QFI\xfb"sv, {"a disk of QEMU (qcow2)", {}}},
    {0x101, "ustar"sv, {"a tar archive", "tar lists and unpacks it"}},
    {0x202, "HdrS"sv, {"a kernel", "name its initrd"}},
    {0x400, "\xe2\xe1\xf5\xe0"sv, {"an erofs", "dump.erofs and fsck.erofs list and unpack it"}},
    {0x438, "\x53\xef"sv, {"a file system of the kind ext2, ext3 or ext4", {}}},
    {0x8001, "CD001"sv, {"an image of a CD (ISO 9660)", "its boot directory may contain the initrd"}},
};

constexpr std::size_t looked_at = 64; // bytes, for text

bool is_text(std::span<const std::byte> bytes) {
    return !bytes.empty() &&
           std::ranges::all_of(bytes.first(std::min(bytes.size(), looked_at)), [](std::byte b) {
               const auto c = std::to_integer<unsigned char>(b);
               return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
           });
}

} // namespace

std::optional<ForeignFormat> recognize_foreign(std::span<const std::byte> bytes) {
    for (const Row& row : table)
        if (bytes.size() >= row.at + row.magic.size() &&
            std::ranges::equal(bytes.subspan(row.at, row.magic.size()), row.magic, [](std::byte a, char b) {
                return std::to_integer<unsigned char>(a) == static_cast<unsigned char>(b);
            }))
            return row.format;
    if (!is_text(bytes) || bytes.front() == std::byte{'0'}) return std::nullopt;
    if (bytes.front() == std::byte{'<'})
        return ForeignFormat{"a page of HTML or XML",
                             "did a web server answer with it in place of the file?"};
    return ForeignFormat{"text", {}};
}

} // namespace mkpxerd::image
