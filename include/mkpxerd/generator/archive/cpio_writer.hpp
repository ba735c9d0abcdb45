// SPDX-License-Identifier: MIT
// newc cpio, the archive that the kernel unpacks: Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class CpioWriter {
  public:
    CpioWriter(wrap::ByteSink sink, std::int64_t mtime) : sink_(std::move(sink)), mtime_(mtime) {}
    // The compressor's workers read the files.
    CpioWriter(wrap::Compressor& compressor, std::int64_t mtime)
        : CpioWriter([&compressor](auto bytes) { return compressor.write(bytes); }, mtime) {
        compressor_ = &compressor;
    }

    // The owner is always 0:0. Errors: content that is unreadable or no longer entry.size bytes long; if the
    // compressor reads the file, a later call returns them.
    Result<void> add(const ImageEntry& entry);
    // The end mark. Must be called once, last.
    Result<void> finish();

    std::uint64_t bytes() const { return bytes_; } // written so far

  private:
    Result<void> header(const ImageEntry& entry);
    Result<void> content(const ImageEntry& entry);
    Result<void> unpacked(const CompressedFile& compressed, std::uint64_t size);
    Result<void> pad();
    Result<void> put(std::span<const std::byte> bytes);

    wrap::ByteSink sink_;
    wrap::Compressor* compressor_ = nullptr; // the one that sink_ writes to; may be nullptr
    std::int64_t mtime_;
    std::uint64_t bytes_ = 0;
};

} // namespace mkpxerd::generator
