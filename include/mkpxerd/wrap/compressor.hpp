// SPDX-License-Identifier: MIT
// Compression of the image, in the forms that the kernel unpacks (lib/decompress*.c). The bytes written
// depend only on the input, the positions of cut() and set_packed(), the format and the level: never on the
// number of threads, the sizes of the pieces, or a cache.
//
// | format | levels | default | what is written                                                          |
// |--------|--------|---------|--------------------------------------------------------------------------|
// | gzip   | 1..12  | 6       | one member (RFC 1952): mtime 0, OS 255; libdeflate's scale               |
// | xz     | 0..9   | 6       | one stream of blocks, only LZMA2, CRC32, dictionary of at most 8 MiB     |
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
    int standard = 0; // the default
    bool operator==(const LevelRange&) const = default;
};
LevelRange level_range(Format format);

// Takes the compressed bytes in order; always called on the thread that calls the Compressor.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

// After an error, also one of the sink, every further call returns that error and does not use the sink.
class Compressor {
  public:
    virtual ~Compressor() = default;
    // Consumes the bytes before it returns. Waits when the workers are behind, so memory stays bounded.
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // The same for a whole file; formats with chunks let their workers read it, until finish() returns. A
    // file that is replaced meanwhile is still read completely. Size 0: the file is not opened. Errors, from
    // this call or a later one: it cannot be read, or has become shorter.
    virtual Result<void> write_file(const TreePath& file, std::uint64_t size);
    // Marks the start of a unit that may occur in another stream, such as a file: a good place to cut, if the
    // format has chunks.
    virtual Result<void> cut() { return {}; }
    // Whether the bytes that follow are packed already (at first they are not). Formats that cannot tell by
    // themselves then store them, so that the kernel copies them instead of decoding.
    virtual void set_packed(bool /*packed*/) {}
    // Must be called once, last. Nothing is complete before it returns.
    virtual Result<void> finish() = 0;
};

struct CompressorOptions {
    Format format = Format::Gzip;
    std::optional<int> level;               // on the format's own scale; nullopt: the default
    unsigned threads = 1;                   // workers beside the caller; 0 counts as 1
    std::shared_ptr<ChunkCache> cache = {}; // nullptr: no cache
};

// Everything that determines the compressed bytes besides the input: see compressor_identity(). Empty:
// unknown.
std::string stream_identity(const CompressorOptions& options);
// gzip caches its chunks; for other formats the caller caches the whole output, under this name. Empty: not
// worth it, because compressing is faster than a lookup.
std::string whole_identity(const CompressorOptions& options);

// Errors: a level outside the format's scale.
Result<std::unique_ptr<Compressor>> make_compressor(const CompressorOptions& options, ByteSink sink);

} // namespace mkpxerd::wrap
