// SPDX-License-Identifier: MIT
// One entry after the other, in the order given; the compressor reads whole files.
#include "mkpxerd/generator/archive/cpio_writer.hpp"

#include <array>
#include <fmt/format.h>
#include <limits>
#include <string_view>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/file_packs.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t alignment = 4; // of names and contents
constexpr std::string_view trailer_name = "TRAILER!!!";

} // namespace

Result<void> CpioWriter::put(std::span<const std::byte> bytes) {
    bytes_ += bytes.size();
    return sink_(bytes);
}

Result<void> CpioWriter::pad() {
    static constexpr std::array<std::byte, alignment> zeros{};
    const std::size_t rest = bytes_ % alignment;
    return rest == 0 ? Result<void>{} : put(std::span(zeros).first(alignment - rest));
}

Result<void> CpioWriter::header(const ImageEntry& entry) {
    if (entry.size > std::numeric_limits<std::uint32_t>::max())
        return fail(entry.path, "is 4 GiB or larger, more than a cpio entry can hold");
    // magic, ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize,
    // check
    std::string text =
        fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
                    entry.inode, entry.mode, 0, 0, entry.links, static_cast<std::uint32_t>(mtime_),
                    entry.size, 0, 0, entry.device_major, entry.device_minor, entry.path.size() + 1, 0);
    text += entry.path;
    text += '\0';
    MKPXERD_TRY(put(std::as_bytes(std::span(text))));
    return pad();
}

Result<void> CpioWriter::content(const ImageEntry& entry) {
    if (const auto* text = std::get_if<std::string>(&entry.content))
        return put(std::as_bytes(std::span(*text)));
    if (const auto* compressed = std::get_if<CompressedFile>(&entry.content))
        return unpacked(*compressed, entry.size);
    if (const auto* packed = std::get_if<PackedFile>(&entry.content))
        return write_packed(*packed, entry.size,
                            [this](std::span<const std::byte> bytes) { return put(bytes); });
    const auto& source = std::get<TreePath>(entry.content);
    if (compressor_ == nullptr)
        return read_whole(source, entry.size,
                          [this](std::span<const std::byte> piece) { return put(piece); });
    bytes_ += entry.size;
    return compressor_->write_file(source, entry.size);
}

Result<void> CpioWriter::unpacked(const CompressedFile& compressed, std::uint64_t size) {
    if (compressed.plain && compressed.plain->size() == size)
        return put(std::as_bytes(std::span(*compressed.plain)));
    const std::string name = compressed.source.string();
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(compressed.source));
    std::uint64_t left = size;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        if (piece.size() > left) return changed_meanwhile(compressed.source);
        left -= piece.size();
        return put(piece);
    };
    MKPXERD_TRY(wrap::decompress_file(compressed.format, file.bytes(), sink, name));
    return left == 0 ? Result<void>() : changed_meanwhile(compressed.source);
}

Result<void> CpioWriter::add(const ImageEntry& entry) {
    if (entry.path == trailer_name)
        return fail(entry.path, "has the name that ends a cpio archive", "rename it");
    MKPXERD_TRY(header(entry));
    const bool is_stored = compressor_ != nullptr && entry.is_packed && entry.size >= smallest_stored;
    if (is_stored) compressor_->set_packed(true);
    if (entry.size != 0) MKPXERD_TRY(content(entry));
    if (is_stored) compressor_->set_packed(false);
    return pad();
}

Result<void> CpioWriter::finish() {
    ImageEntry trailer;
    trailer.path = trailer_name;
    return header(trailer);
}

} // namespace mkpxerd::generator
