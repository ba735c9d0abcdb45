// SPDX-License-Identifier: MIT
// entries -> CpioWriter -> Compressor -> AtomicFile, in one pass.
#include "mkpxerd/generator/image_writer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/cpio_writer.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t largest_shown = 10;

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

Result<WrittenImage> ImageWriter::write(const ImageTree& tree, const ImageParts& parts,
                                        const std::filesystem::path& output, unsigned mode) const {
    WrittenImage written;
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(output));
    const auto put = [&](std::span<const std::byte> bytes) {
        written.image_bytes += bytes.size();
        return file.write(bytes);
    };
    MKPXERD_TRY(put(bytes_of(parts.before)));

    MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(compression_, put));
    CpioWriter cpio([&](std::span<const std::byte> bytes) { return compressor->write(bytes); }, epoch_);
    const std::uint64_t total =
        std::accumulate(tree.entries.begin(), tree.entries.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const ImageEntry& entry) { return sum + entry.size; });
    for (const ImageEntry& entry : tree.entries) {
        MKPXERD_TRY(cpio.add(entry));
        if (progress_) progress_(std::min(cpio.bytes(), total), total);
    }
    MKPXERD_TRY(cpio.finish());
    MKPXERD_TRY(compressor->finish());
    written.archive_bytes = cpio.bytes();

    if (!parts.after.empty()) {
        static constexpr std::array<std::byte, 4> zeros{};
        MKPXERD_TRY(put(std::span(zeros).first((4 - written.image_bytes % 4) % 4)));
        MKPXERD_TRY(put(bytes_of(parts.after)));
    }
    if (limit_ != 0 && written.image_bytes > limit_)
        return fail(too_large(tree, output, written.image_bytes));
    MKPXERD_TRY(file.commit(mode));
    return written;
}

} // namespace mkpxerd::generator
