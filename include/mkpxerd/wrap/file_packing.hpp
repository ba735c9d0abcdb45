// SPDX-License-Identifier: MIT
// One file packed on its own, as the kernel's loaders of modules and firmware unpack it:
// kernel/module/decompress.c, drivers/base/firmware_loader/main.c. The bytes depend only on the file and the
// packing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::wrap {

// zstd: one frame with content size and checksum. xz: one stream of one block, only LZMA2, CRC32, a
// dictionary no larger than the file. The levels below need a window or a dictionary of at most 8 MiB, which
// RFC 8878 requires of every decoder.
struct Packing {
    Format format = Format::Zstd;
    int level = 0;
    bool operator==(const Packing&) const = default;
};

// Measured on the modules of profile network (52 MB): the next level of zstd takes a tenth more time for 0.1
// % fewer bytes; xz gains nothing above 6.
constexpr Packing packing_zstd{Format::Zstd, 8};
constexpr Packing packing_xz{Format::Xz, 6};
// For what must be xz where time counts: a sixth of the time for a twelfth more bytes.
constexpr Packing packing_fast_xz{Format::Xz, 1};

// ".zst" or ".xz": what kmod and the kernel expect after the name of such a file.
std::string_view packing_suffix(Format format);

// Everything that determines the packed bytes besides the file: see compressor_identity. Empty: unknown.
std::string packing_identity(const Packing& packing);

// The state of one worker; used by one thread at a time.
class FilePacker {
  public:
    // Precondition: the format is zstd or xz. cache: keeps packed files by content; may be nullptr.
    FilePacker(const Packing& packing, std::shared_ptr<ChunkCache> cache);
    // Errors name the format: there is no memory.
    Result<std::string> pack(std::span<const std::byte> plain);

  private:
    Result<std::size_t> encode(std::span<const std::byte> plain);

    Packing packing_;
    std::shared_ptr<ChunkCache> cache_; // nullptr: without one, or the library cannot be identified
    std::string identity_;
    ContentHasher hash_;
    std::unique_ptr<std::byte[]> output_; // grows to the largest file
    std::size_t room_ = 0;
};

} // namespace mkpxerd::wrap
