// SPDX-License-Identifier: MIT
// newc cpio, the archive that the kernel unpacks: Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class CpioWriter {
  public:
    CpioWriter(wrap::ByteSink sink, std::int64_t mtime) : sink_(std::move(sink)), mtime_(mtime) {}
    // Files are left to the compressor, whose workers read them.
    CpioWriter(wrap::Compressor& compressor, std::int64_t mtime)
        : CpioWriter([&compressor](auto bytes) { return compressor.write(bytes); }, mtime) {
        compressor_ = &compressor;
    }

    // Owner is 0:0 always. Errors: content unreadable, or of another length than entry.size by now; of a file
    // that the compressor reads a later call says so.
    Result<void> add(const ImageEntry& entry);
    // The end mark. Must be called once, last.
    Result<void> finish();

    std::uint64_t bytes() const { return bytes_; } // written so far

  private:
    Result<void> header(const ImageEntry& entry);
    Result<void> content(const ImageEntry& entry);
    Result<void> unpacked(const PackedFile& packed, std::uint64_t size);
    Result<void> pad();
    Result<void> put(std::span<const std::byte> bytes);

    wrap::ByteSink sink_;
    wrap::Compressor* compressor_ = nullptr; // behind sink_; may be none
    std::int64_t mtime_;
    std::uint64_t bytes_ = 0;
};

} // namespace mkpxerd::generator
