// SPDX-License-Identifier: MIT
// ImageTree -> the file: newc cpio, compressed, written beside the target and moved to its place when
// complete.
#pragma once

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct WriteRequest {
    const ImageTree& tree;
    const ImageParts& parts;
    const wrap::CompressorOptions& compression;
    std::int64_t epoch = 0; // mtime of every entry, seconds since 1970, 0 to 2^32-1 (the format has 32 bits)
    unsigned mode = 0644;   // permission bits of the file
    std::uint64_t max_size = 0; // bytes of the file; 0: any
    WriteProgress progress{};   // may be empty
};

struct WrittenImage {
    std::uint64_t archive_bytes = 0; // before compression
    std::uint64_t image_bytes = 0;   // the whole file
    bool streamed = false;           // to a device, pipe or descriptor, which keeps its own permissions
};

// Errors leave an existing file as it was. A file above max_size is an error that names the largest entries.
Result<WrittenImage> write_image(const WriteRequest& request, AtomicFile file);

} // namespace mkpxerd::generator
