// SPDX-License-Identifier: MIT
// ImageTree -> the file: newc cpio, compressed, written beside the target and put in its place when complete.
#pragma once

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct WrittenImage {
    std::uint64_t archive_bytes = 0; // before compression
    std::uint64_t image_bytes = 0;   // the whole file
    bool streamed = false;           // to a device, pipe or descriptor, which keeps its own permissions
};

class ImageWriter {
  public:
    // epoch: mtime of every entry, seconds since 1970, 0 to 2^32-1 (the format has 32 bits).
    ImageWriter(wrap::CompressorOptions compression, std::int64_t epoch)
        : compression_(std::move(compression)), epoch_(epoch) {}

    // A larger file is an error that names the largest entries. 0: any size.
    void limit_size(std::uint64_t bytes) { limit_ = bytes; }
    void on_progress(Progress progress) { progress_ = std::move(progress); }

    // mode: permission bits of the file. Errors leave an existing file as it was.
    Result<WrittenImage> write(const ImageTree& tree, const ImageParts& parts, AtomicFile file,
                               unsigned mode) const;

  private:
    // hasher: gets what is compressed; may be nullptr.
    Result<void> compress(const ImageTree& tree, const wrap::ByteSink& put, WrittenImage& written,
                          wrap::ContentHasher* hasher) const;
    Result<std::optional<wrap::ContentHash>> whole_key(const ImageTree& tree, WrittenImage& written) const;
    Error too_large(const ImageTree& tree, const std::filesystem::path& output, std::uint64_t bytes) const;

    wrap::CompressorOptions compression_;
    std::int64_t epoch_;
    std::uint64_t limit_ = 0;
    Progress progress_;
};

} // namespace mkpxerd::generator
