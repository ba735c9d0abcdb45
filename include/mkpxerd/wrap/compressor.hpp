// SPDX-License-Identifier: MIT
// Compression of the image, in the forms that the kernel unpacks (lib/decompress*.c). The bytes written
// depend on the input, the places named by cut(), the format and the level alone: never on the number of
// threads, on how the input was handed over, or on a cache.
//
// | format | levels | default | what is written                                                          |
// |--------|--------|---------|--------------------------------------------------------------------------|
// | gzip   | 1..12  | 6       | one member (RFC 1952): mtime 0, OS 255; libdeflate's scale               |
// | xz     | 0..9   | 6       | one stream of blocks, LZMA2 alone, CRC32, dictionary of at most 8 MiB    |
// | zstd   | 1..22  | 3       | one frame (RFC 8878), content checksum, window of at most 8 MiB          |
// | lz4    | 1..12  | 9       | a legacy frame: blocks of 8 MiB, no end mark, so nothing may follow it   |
// | none   | -      | -       | the input; a level is an error                                           |
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/wrap/chunk_cache.hpp"

namespace mkpxerd::wrap {

enum class Format { None, Gzip, Xz, Zstd, Lz4 };

std::string_view format_name(Format format);  // "none", "gzip", ...
std::vector<std::string_view> format_names(); // of all of them
std::optional<Format> parse_format(std::string_view name);

// The scale of a format; all zero for None.
struct LevelRange {
    int lowest = 0;
    int highest = 0;
    int standard = 0; // when none is asked for
    bool operator==(const LevelRange&) const = default;
};
LevelRange level_range(Format format);

// Takes the compressed bytes in order; always called on the thread that calls the Compressor.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

// After an error, be it of the sink, every further call returns that error and the sink is left alone.
class Compressor {
  public:
    virtual ~Compressor() = default;
    // The bytes are taken before it returns. Waits when the workers are behind, so memory stays bounded.
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // The same of a whole file; formats that have chunks let their workers read it, until finish() returns.
    // One that another takes the place of meanwhile goes in whole all the same. Size 0: nothing is looked at.
    // Errors, of this call or of a later one: it cannot be read, or has not so many bytes by now.
    virtual Result<void> write_file(const TreePath& file, std::uint64_t size);
    // Here begins something that may be the same in another stream, such as a file: a good place to cut,
    // where the format has chunks of its own.
    virtual Result<void> cut() { return {}; }
    // Must be called once, last. Nothing is complete before it returns.
    virtual Result<void> finish() = 0;
};

struct CompressorOptions {
    Format format = Format::Gzip;
    std::optional<int> level;               // of the format's own scale; none: the format's default here
    unsigned threads = 1;                   // workers beside the caller; 0 counts as 1
    std::shared_ptr<ChunkCache> cache = {}; // none: nothing is kept
};

// gzip keeps its chunks; what is one piece in other formats is kept whole by the caller, under this name.
// Empty: not worth it, because making it is faster than looking.
std::string whole_identity(const CompressorOptions& options);

// Errors: a level outside the format's scale.
Result<std::unique_ptr<Compressor>> make_compressor(const CompressorOptions& options, ByteSink sink);

} // namespace mkpxerd::wrap
