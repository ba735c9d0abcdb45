// SPDX-License-Identifier: MIT
// entries -> CpioWriter -> Compressor -> AtomicFile, in one pass.
#include "mkpxerd/generator/archive/image_writer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>
#include <optional>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/archive/cpio_writer.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t largest_shown = 10;

// One entry of so many begins a chunk of its own, whatever lies before it: with about a MiB between them, a
// change is one of its chunk alone.
constexpr std::uint32_t entries_a_chunk = 8;

// By the name (FNV-1a), so that the places stay when other entries come and go.
bool begins_chunk(const ImageEntry& entry) {
    std::uint32_t hash = 2166136261U;
    for (const char c : entry.path)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash % entries_a_chunk == 0;
}

std::uint64_t content_size(const ImageTree& tree) {
    return std::accumulate(tree.entries.begin(), tree.entries.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ImageEntry& entry) { return sum + entry.size; });
}

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

} // namespace

Error ImageWriter::too_large(const ImageTree& tree, const std::filesystem::path& output,
                             std::uint64_t bytes) const {
    std::vector<const ImageEntry*> largest;
    for (const ImageEntry& entry : tree.entries)
        largest.push_back(&entry);
    std::stable_sort(largest.begin(), largest.end(),
                     [](const ImageEntry* a, const ImageEntry* b) { return a->size > b->size; });
    largest.resize(std::min(largest.size(), largest_shown));
    std::string list;
    for (const ImageEntry* entry : largest)
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", entry->path, human_bytes(entry->size));
    return {output.string(),
            fmt::format("would be {} bytes, {} over the limit of {}", bytes, bytes - limit_, limit_),
            "largest, unpacked: " + list};
}

Result<WrittenImage> ImageWriter::write(const ImageTree& tree, const ImageParts& parts, AtomicFile file,
                                        unsigned mode) const {
    WrittenImage written;
    const auto put = [&](std::span<const std::byte> bytes) {
        written.image_bytes += bytes.size();
        return file.write(bytes);
    };
    MKPXERD_TRY(put(bytes_of(parts.before)));

    MKPXERD_TRY_ASSIGN(const auto key, whole_key(tree, written));
    bool found = false;
    if (key) {
        MKPXERD_TRY_ASSIGN(found, compression_.cache->find(*key, put));
    }
    wrap::ContentHasher packed; // as the key is made: a file may have changed since that was
    if (key) packed.update(bytes_of(wrap::whole_identity(compression_)));
    if (!found) MKPXERD_TRY(compress(tree, put, written, key ? &packed : nullptr));
    const std::uint64_t archive_end = written.image_bytes;

    if (!parts.after.empty()) {
        static constexpr std::array<std::byte, 4> zeros{};
        MKPXERD_TRY(put(std::span(zeros).first((4 - written.image_bytes % 4) % 4)));
        MKPXERD_TRY(put(bytes_of(parts.after)));
    }
    if (limit_ != 0 && written.image_bytes > limit_)
        return fail(too_large(tree, file.target(), written.image_bytes));
    MKPXERD_TRY(file.commit(mode));
    written.streamed = file.is_stream();
    // A stream cannot be read again.
    if (key && !found && packed.finish() == *key && !written.streamed)
        if (const auto image = file.content())
            compression_.cache->keep(
                *key, image->bytes().subspan(parts.before.size(), archive_end - parts.before.size()));
    if (compression_.cache) compression_.cache->trim();
    return written;
}

Result<void> ImageWriter::compress(const ImageTree& tree, const wrap::ByteSink& put, WrittenImage& written,
                                   wrap::ContentHasher* hasher) const {
    MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(compression_, put));
    const auto hashed = [&](std::span<const std::byte> bytes) {
        hasher->update(bytes);
        return compressor->write(bytes);
    };
    CpioWriter cpio = hasher ? CpioWriter(hashed, epoch_) : CpioWriter(*compressor, epoch_);
    const std::uint64_t total = content_size(tree);
    for (const ImageEntry& entry : tree.entries) {
        if (begins_chunk(entry)) MKPXERD_TRY(compressor->cut());
        MKPXERD_TRY(cpio.add(entry));
        if (progress_) progress_(std::min(cpio.bytes(), total), total);
    }
    MKPXERD_TRY(cpio.finish());
    MKPXERD_TRY(compressor->finish());
    written.archive_bytes = cpio.bytes();
    return {};
}

// Under what the compressed archive is kept as one piece; none: it is not.
Result<std::optional<wrap::ContentHash>> ImageWriter::whole_key(const ImageTree& tree,
                                                                WrittenImage& written) const {
    const std::string identity = wrap::whole_identity(compression_);
    if (!compression_.cache || identity.empty()) return std::optional<wrap::ContentHash>();
    wrap::ContentHasher hash;
    hash.update(bytes_of(identity));
    CpioWriter cpio(
        [&](std::span<const std::byte> bytes) {
            hash.update(bytes);
            return Result<void>();
        },
        epoch_);
    for (const ImageEntry& entry : tree.entries)
        MKPXERD_TRY(cpio.add(entry));
    MKPXERD_TRY(cpio.finish());
    written.archive_bytes = cpio.bytes();
    return std::optional(hash.finish());
}

} // namespace mkpxerd::generator
