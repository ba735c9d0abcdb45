// SPDX-License-Identifier: MIT
// The kernel takes several archives in one file, zeros between them (buffer-format.rst). Microcode must come
// first and uncompressed: Documentation/arch/x86/microcode.rst.
#include "mkpxerd/generator/image_parts.hpp"

#include <array>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/cpio_writer.hpp"

namespace mkpxerd::generator {
namespace {

void pad(std::string& bytes) {
    while (bytes.size() % 4 != 0)
        bytes += '\0';
}

struct Vendor {
    const char* pattern; // below the kernel root
    const char* name;    // in the archive
};
// File names of linux-firmware and intel-microcode.
constexpr std::array vendors = {
    Vendor{"lib/firmware/amd-ucode/microcode_amd*.bin", "AuthenticAMD.bin"},
    Vendor{"lib/firmware/intel-ucode/[0-9a-f]*-[0-9a-f]*-[0-9a-f]*", "GenuineIntel.bin"},
};

Result<std::string> microcode_archive(const BuildRequest& request) {
    const Sysroot tree(request.kernel_root);
    std::string archive;
    CpioWriter cpio(
        [&](std::span<const std::byte> bytes) {
            archive.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return Result<void>{};
        },
        request.epoch);
    std::uint32_t inode = 1;
    const auto add = [&](std::string path, unsigned mode, std::string content) {
        ImageEntry entry;
        entry.path = std::move(path);
        entry.mode = mode;
        entry.links = S_ISDIR(mode) ? 2 : 1;
        entry.size = content.size();
        entry.content = std::move(content);
        entry.inode = inode++;
        return cpio.add(entry);
    };
    for (const char* folder : {"kernel", "kernel/x86", "kernel/x86/microcode"})
        MKPXERD_TRY(add(folder, S_IFDIR | 0755, {}));
    bool found = false;
    for (const Vendor& vendor : vendors) {
        std::string blob;
        for (const std::string& path : tree.glob(vendor.pattern)) {
            const auto real = tree.resolve(path);
            if (!real || path.ends_with(".asc") || path.ends_with(".initramfs")) continue;
            MKPXERD_TRY_ASSIGN(const std::string part, read_file(tree.host(real->path)));
            blob += part;
        }
        if (blob.empty()) continue;
        found = true;
        MKPXERD_TRY(add(std::string("kernel/x86/microcode/") + vendor.name, S_IFREG | 0644, std::move(blob)));
    }
    if (!found)
        return fail(
            (request.kernel_root / "lib/firmware").string(), "has no CPU microcode",
            "install intel-microcode, amd64-microcode or linux-firmware there, or build without --ucode");
    MKPXERD_TRY(cpio.finish());
    pad(archive);
    return archive;
}

bool is_archive(std::string_view bytes) {
    using namespace std::string_view_literals;
    // newc and crc cpio; gzip, xz, zstd, lz4 legacy, bzip2, lzma, lzo: lib/decompress.c
    for (const std::string_view magic :
         {"070701"sv, "070702"sv, "\x1f\x8b"sv, "\xfd\x37zXZ\0"sv, "\x28\xb5\x2f\xfd"sv, "\x02\x21\x4c\x18"sv,
          "BZh"sv, "\x5d\0\0"sv, "\x89LZO"sv})
        if (bytes.starts_with(magic)) return true;
    return false;
}

Result<void> add_files(const std::vector<std::filesystem::path>& files, std::string& bytes) {
    Problems problems;
    for (const auto& file : files) {
        const auto content = read_file(file);
        if (!content) {
            problems.add(content.error());
        } else if (!is_archive(*content)) {
            problems.add(file.string(), "is not an archive that the kernel unpacks");
        } else {
            bytes += *content;
            pad(bytes);
        }
    }
    return problems.finish();
}

} // namespace

Result<ImageParts> collect_parts(const BuildRequest& request) {
    ImageParts parts;
    if (request.microcode) {
        MKPXERD_TRY_ASSIGN(parts.before, microcode_archive(request));
    }
    MKPXERD_TRY(add_files(request.prepend, parts.before));
    MKPXERD_TRY(add_files(request.append, parts.after));
    return parts;
}

} // namespace mkpxerd::generator
