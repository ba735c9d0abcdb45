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

// One entry in this many begins a new chunk, whatever precedes it. Such entries are about a MiB apart, so
// that a change affects a single chunk.
constexpr std::uint32_t entries_per_chunk = 8;

// Chosen by name (FNV-1a), so that chunks stay the same when other entries come and go.
bool begins_chunk(const ImageEntry& entry) {
    std::uint32_t hash = 2166136261U;
    for (const char c : entry.path)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash % entries_per_chunk == 0;
}

std::uint64_t content_size(const ImageTree& tree) {
    return std::accumulate(tree.entries.begin(), tree.entries.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ImageEntry& entry) { return sum + entry.size; });
}

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

Error too_large(const WriteRequest& request, const std::filesystem::path& output, std::uint64_t bytes) {
    std::vector<const ImageEntry*> largest;
    for (const ImageEntry& entry : request.tree.entries)
        largest.push_back(&entry);
    std::stable_sort(largest.begin(), largest.end(),
                     [](const ImageEntry* a, const ImageEntry* b) { return a->size > b->size; });
    largest.resize(std::min(largest.size(), largest_shown));
    std::string list;
    for (const ImageEntry* entry : largest)
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", entry->path, human_bytes(entry->size));
    return {output.string(),
            fmt::format("would be {} bytes, {} over the limit of {}", bytes, bytes - request.max_size,
                        request.max_size),
            "largest, unpacked: " + list};
}

// hasher: gets the bytes before compression; may be nullptr.
Result<void> compress(const WriteRequest& request, const wrap::ByteSink& put, WrittenImage& written,
                      wrap::ContentHasher* hasher) {
    MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(request.compression, put));
    const auto hashed = [&](std::span<const std::byte> bytes) {
        hasher->update(bytes);
        return compressor->write(bytes);
    };
    CpioWriter cpio = hasher ? CpioWriter(hashed, request.epoch) : CpioWriter(*compressor, request.epoch);
    const std::uint64_t total = content_size(request.tree);
    for (const ImageEntry& entry : request.tree.entries) {
        if (begins_chunk(entry)) MKPXERD_TRY(compressor->cut());
        MKPXERD_TRY(cpio.add(entry));
        if (request.progress) request.progress(std::min(cpio.bytes(), total), total);
    }
    MKPXERD_TRY(cpio.finish());
    MKPXERD_TRY(compressor->finish());
    written.archive_bytes = cpio.bytes();
    return {};
}

// The key under which the cache keeps the compressed archive as one piece; nullopt: the cache does not keep
// it.
Result<std::optional<wrap::ContentHash>> whole_key(const WriteRequest& request, WrittenImage& written) {
    const std::string identity = wrap::whole_identity(request.compression);
    if (!request.compression.cache || identity.empty()) return std::optional<wrap::ContentHash>();
    wrap::ContentHasher hash;
    hash.update(bytes_of(identity));
    CpioWriter cpio(
        [&](std::span<const std::byte> bytes) {
            hash.update(bytes);
            return Result<void>();
        },
        request.epoch);
    for (const ImageEntry& entry : request.tree.entries)
        MKPXERD_TRY(cpio.add(entry));
    MKPXERD_TRY(cpio.finish());
    written.archive_bytes = cpio.bytes();
    return std::optional(hash.finish());
}

} // namespace

Result<WrittenImage> write_image(const WriteRequest& request, AtomicFile file) {
    const ImageParts& parts = request.parts;
    const auto& cache = request.compression.cache;
    WrittenImage written;
    const auto put = [&](std::span<const std::byte> bytes) {
        written.image_bytes += bytes.size();
        return file.write(bytes);
    };
    MKPXERD_TRY(put(bytes_of(parts.before)));

    MKPXERD_TRY_ASSIGN(const auto key, whole_key(request, written));
    bool found = false;
    if (key) {
        MKPXERD_TRY_ASSIGN(found, cache->find(*key, put));
    }
    wrap::ContentHasher compressed; // computed like the key, because a file may have changed since
    if (key) compressed.update(bytes_of(wrap::whole_identity(request.compression)));
    if (!found) MKPXERD_TRY(compress(request, put, written, key ? &compressed : nullptr));
    const std::uint64_t archive_end = written.image_bytes;

    if (!parts.after.empty()) {
        static constexpr std::array<std::byte, 4> zeros{};
        MKPXERD_TRY(put(std::span(zeros).first((4 - written.image_bytes % 4) % 4)));
        MKPXERD_TRY(put(bytes_of(parts.after)));
    }
    if (request.max_size != 0 && written.image_bytes > request.max_size)
        return fail(too_large(request, file.target(), written.image_bytes));
    MKPXERD_TRY(file.commit(request.mode));
    written.streamed = file.is_stream();
    // A stream cannot be read again.
    if (key && !found && compressed.finish() == *key && !written.streamed)
        if (const auto image = file.content())
            cache->keep(*key, image->bytes().subspan(parts.before.size(), archive_end - parts.before.size()));
    if (cache) cache->trim();
    return written;
}

} // namespace mkpxerd::generator
