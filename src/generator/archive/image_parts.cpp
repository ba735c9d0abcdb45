// SPDX-License-Identifier: MIT
// The kernel accepts several archives in one file, with zeros between them (buffer-format.rst). Microcode
// must come first and uncompressed: Documentation/arch/x86/microcode.rst.
#include "mkpxerd/generator/archive/image_parts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <span>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/archive/archive_check.hpp"
#include "mkpxerd/generator/archive/cpio_writer.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

void pad(std::string& bytes) {
    while (bytes.size() % 4 != 0)
        bytes += '\0';
}

using namespace std::string_view_literals;

// The legacy lz4 frame ends with the file, or with an empty block (lib/decompress_unlz4.c): anything else
// after it is read as another block.
constexpr std::string_view lz4_end = "\0\0\0\0"sv;

struct Vendor {
    const char* pattern;    // below the kernel root
    std::string_view file;  // pattern of the name, without the suffix of a compression
    std::string_view start; // of every file: magic, or version of the header
    const char* name;       // in the archive
};
// File names of linux-firmware and intel-microcode; arch/x86/kernel/cpu/microcode/{amd,intel}.c. Debian and
// SUSE append .initramfs or .early to files for the early loader only: the content of a file decides, not the
// end of its name.
constexpr std::array vendors = {
    Vendor{"lib/firmware/amd-ucode/*", "microcode_amd*.bin", "DMA\0"sv, "AuthenticAMD.bin"},
    Vendor{"lib/firmware/intel-ucode/*", "[0-9a-f][0-9a-f]-[0-9a-f][0-9a-f]-[0-9a-f][0-9a-f]", "\x01\0\0\0"sv,
           "GenuineIntel.bin"},
};
constexpr std::string_view armor = "-----BEGIN "; // an OpenPGP signature beside its file
constexpr std::array compressions = {std::pair{".xz"sv, wrap::Format::Xz},
                                     std::pair{".zst"sv, wrap::Format::Zstd}};
// The command line names these, so memory is the only limit.
constexpr std::size_t archives_limit = std::size_t{1}
                                       << 30; // of those before the image, and of those after it

// Counts the bytes of all microcode files, compressed and plain, used or not.
struct MicrocodeBudget {
    std::size_t limit;
    std::size_t left = limit;

    Result<void> take(std::size_t bytes, const TreePath& file) {
        if (bytes > left)
            return fail(file.string(),
                        fmt::format("brings the microcode to more than {} bytes, the limit", limit),
                        "remove other files there, or build without --ucode");
        left -= bytes;
        return {};
    }
};

// The kernel reads microcode before it can unpack anything.
Result<std::string> read_microcode(const TreePath& file, wrap::Format format, MicrocodeBudget& budget) {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(file));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(file.string(), "cannot stat", errno);
    MKPXERD_TRY(budget.take(static_cast<std::size_t>(st.st_size), file));
    std::string compressed(static_cast<std::size_t>(st.st_size), '\0');
    MKPXERD_TRY_ASSIGN(const std::size_t got,
                       read_at(fd.get(), 0, std::as_writable_bytes(std::span(compressed)), file));
    compressed.resize(got);
    if (format == wrap::Format::None) return compressed;
    std::string plain;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        MKPXERD_TRY(budget.take(piece.size(), file));
        plain.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    MKPXERD_TRY(wrap::decompress_file(format, std::as_bytes(std::span(compressed)), sink, file.string()));
    return plain;
}

// All files of one vendor, one after the other. Of a plain and a compressed file, the plain one.
Result<std::string> read_vendor(const Vendor& vendor, const Sysroot& tree, MicrocodeBudget& budget,
                                std::vector<Problem>& warnings) {
    const std::string suffixed = std::string(vendor.file) + "?*";
    std::string blob;
    std::set<std::string, std::less<>> taken;
    for (const std::string& path : tree.glob(vendor.pattern)) { // sorted: "x" comes before "x.xz"
        std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
        wrap::Format format = wrap::Format::None;
        for (const auto& [ending, compression] : compressions) {
            if (!name.ends_with(ending)) continue;
            format = compression;
            name.remove_suffix(ending.size());
            break;
        }
        const auto real = tree.resolve(path);
        const bool usual = glob_match(vendor.file, name);
        if (!real || (!usual && !glob_match(suffixed, name)) || !taken.emplace(name).second) continue;
        const TreePath file = tree.file(real->path);
        MKPXERD_TRY_ASSIGN(const std::string part, read_microcode(file, format, budget));
        if (part.starts_with(vendor.start))
            blob += part;
        else if (usual)
            return fail(file.string(), "is not microcode",
                        "install its package again, or build without --ucode");
        else if (!part.starts_with(armor))
            warnings.push_back({.object = file.string(), .text = "is left out: it is not microcode"});
    }
    return blob;
}

Result<std::string> microcode_archive(const BuildRequest& request, std::size_t microcode_limit,
                                      std::vector<Problem>& warnings) {
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
    for (const char* directory : {"kernel", "kernel/x86", "kernel/x86/microcode"})
        MKPXERD_TRY(add(directory, S_IFDIR | 0755, {}));
    bool found = false;
    MicrocodeBudget budget{.limit = microcode_limit};
    for (const Vendor& vendor : vendors) {
        MKPXERD_TRY_ASSIGN(std::string blob, read_vendor(vendor, tree, budget, warnings));
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

Result<void> add_files(const std::vector<TreePath>& files, const std::optional<std::string>& config,
                       bool is_before, ImageParts& parts) {
    std::string& bytes = is_before ? parts.before : parts.after;
    Problems problems;
    for (const auto& file : files) {
        const auto content = read_file(file, archives_limit - std::min(archives_limit, bytes.size()));
        if (!content) {
            problems.add(content.error());
            continue;
        }
        if (const auto sound = check_archive(std::as_bytes(std::span(*content)), file.string(), config);
            !sound) {
            problems.add(sound.error());
            continue;
        }
        parts.archives.push_back(
            {.name = file.string(), .is_before = is_before, .begin = bytes.size(), .size = content->size()});
        bytes += *content;
        pad(bytes);
        bytes += lz4_end; // in case it ends with an lz4 frame
    }
    return problems.finish();
}

} // namespace

Result<ImageParts> collect_parts(const BuildRequest& request, const std::string& kernel_version,
                                 std::size_t microcode_limit) {
    ImageParts parts;
    if (request.microcode) {
        MKPXERD_TRY_ASSIGN(parts.before, microcode_archive(request, microcode_limit, parts.warnings));
        parts.archives.push_back({.name = "--ucode", .is_before = true, .size = parts.before.size()});
    }
    std::optional<std::string> config; // finding it in a compressed kernel takes a second
    if (!kernel_version.empty() && !(request.prepend.empty() && request.append.empty()))
        config = read_kernel_config(Sysroot(request.kernel_root), kernel_version);
    MKPXERD_TRY(add_files(request.prepend, config, true, parts));
    if (!request.append.empty() && request.compression.format == wrap::Format::Lz4) parts.after = lz4_end;
    MKPXERD_TRY(add_files(request.append, config, false, parts));
    return parts;
}

} // namespace mkpxerd::generator
