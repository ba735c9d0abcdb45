// SPDX-License-Identifier: MIT
// ImageTree -> the file: newc cpio, compressed, written beside the target and put in its place when complete.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct WrittenImage {
    std::uint64_t archive_bytes = 0; // before compression
    std::uint64_t image_bytes = 0;
};

class ImageWriter {
  public:
    // epoch: mtime of every entry, seconds since 1970, 0 to 2^32-1 (the format has 32 bits).
    ImageWriter(wrap::CompressorOptions compression, std::int64_t epoch) : compression_(compression), epoch_(epoch) {}

    // mode: permission bits of the file. Errors leave an existing file as it was.
    Result<WrittenImage> write(const ImageTree& tree, const std::filesystem::path& output, unsigned mode) const;

  private:
    wrap::CompressorOptions compression_;
    std::int64_t epoch_;
};

} // namespace mkpxerd::generator
