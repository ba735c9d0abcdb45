// SPDX-License-Identifier: MIT
// entries -> CpioWriter -> Compressor -> AtomicFile, in one pass.
#include "mkpxerd/generator/image_writer.hpp"

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/generator/cpio_writer.hpp"

namespace mkpxerd::generator {

Result<WrittenImage> ImageWriter::write(const ImageTree& tree, const std::filesystem::path& output,
                                        unsigned mode) const {
    WrittenImage written;
    MKPXERD_TRY_ASSIGN(AtomicFile file, AtomicFile::create(output));
    MKPXERD_TRY_ASSIGN(const auto compressor,
                       wrap::make_compressor(compression_, [&](std::span<const std::byte> bytes) {
                           written.image_bytes += bytes.size();
                           return file.write(bytes);
                       }));
    CpioWriter cpio([&](std::span<const std::byte> bytes) { return compressor->write(bytes); }, epoch_);
    for (const ImageEntry& entry : tree.entries)
        MKPXERD_TRY(cpio.add(entry));
    MKPXERD_TRY(cpio.finish());
    MKPXERD_TRY(compressor->finish());
    written.archive_bytes = cpio.bytes();
    MKPXERD_TRY(file.commit(mode));
    return written;
}

} // namespace mkpxerd::generator
