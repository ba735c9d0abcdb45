// SPDX-License-Identifier: MIT
// Compression of the image, in the forms that the kernel unpacks (lib/decompress*.c). The bytes written depend on
// the input, the format and the level alone: never on the number of threads or on how the input was cut.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

enum class Format { None, Gzip, Xz, Zstd, Lz4 };

std::string_view format_name(Format format); // "none", "gzip", ...
std::optional<Format> parse_format(std::string_view name);

using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

class Compressor {
  public:
    virtual ~Compressor() = default;
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // Must be called once, last. Nothing is complete before it returns.
    virtual Result<void> finish() = 0;
};

struct CompressorOptions {
    Format format = Format::Gzip;
    std::optional<int> level; // of the format's own scale; none: the format's default here
    unsigned threads = 1;     // workers
};

// Errors: a level outside the format's scale.
Result<std::unique_ptr<Compressor>> make_compressor(const CompressorOptions& options, ByteSink sink);

} // namespace mkpxerd::wrap
