// SPDX-License-Identifier: MIT
// Compressed streams as the kernel reads them out of an initrd (init/initramfs.c, lib/decompress*.c): known
// by their first bytes, unpacked one at a time with bounded memory, and told apart from what comes behind
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::wrap {

// What the first bytes of a stream say it is.
struct Encoding {
    std::string_view name;        // "gzip", "bzip2"
    std::optional<Format> format; // none: known by name, not unpacked here
    std::string_view hint;        // of one that is not unpacked here; may be empty
};
// nullopt: no compressed stream that is known.
std::optional<Encoding> recognize_encoding(std::span<const std::byte> start);

// Where the input lies, for error texts.
struct InputPlace {
    std::string name;         // of the file
    std::uint64_t offset = 0; // of the first byte of the input in it
};

// A piece of the unpacked stream, and how many bytes of input it took to come this far.
using StreamSink = std::function<Result<void>(std::span<const std::byte> piece, std::size_t consumed)>;

// Unpacks the one stream (gzip member, xz stream, zstd frame, lz4 legacy frame) at the start of input; sink
// receives it in pieces of at most 8 MiB. Returns how many bytes of input the stream is long. Errors name the
// file and the byte: corrupt data, an end within the stream, a window beyond what the kernel allows (128
// MiB). Errors of sink are passed on. Precondition: format is not None.
Result<std::size_t> decompress(Format format, std::span<const std::byte> input, const StreamSink& sink,
                               const InputPlace& place);

} // namespace mkpxerd::wrap
