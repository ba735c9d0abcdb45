// SPDX-License-Identifier: MIT
// Compressed streams as the kernel reads them from an initrd (init/initramfs.c, lib/decompress*.c):
// recognised by their first bytes, unpacked one at a time with bounded memory, and separated from the bytes
// after them. docs/kernel-decoders.md lists the differences from the kernel's decoders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::wrap {

// Where the input lies, for error texts.
struct InputPlace {
    std::string name;         // of the file
    std::uint64_t offset = 0; // of the first byte of the input in it
};

// A piece of the unpacked stream, and the number of input bytes read so far.
using StreamSink = std::function<Result<void>(std::span<const std::byte> piece, std::size_t consumed)>;

// A stream's demands on the kernel besides the decoder of its format.
struct KernelDemands {
    std::string refused = {};                // why every kernel's decoder refuses it; empty: it does not
    std::string hint = {};                   // how to compress it instead
    std::set<std::string_view> options = {}; // of the kernel's configuration: "CONFIG_XZ_DEC_X86"
};

// A format, recognised by the first bytes of a stream.
struct Encoding {
    std::string_view magic = {};       // these bytes
    std::string_view name = {};        // "gzip", "bzip2"
    std::optional<Format> format = {}; // nullopt: neither written here nor used for kernel modules
    std::string_view hint = {};        // for a format that is not unpacked here; may be empty
    Result<std::size_t> (*decode)(std::span<const std::byte> input, const StreamSink& sink,
                                  const InputPlace& place) =
        nullptr; // nullptr: recognised, but not supported
    // stream: from its first to its last byte; of one that decode would not unpack, little is told. nullptr:
    // the kernel's decoder takes what decode takes.
    KernelDemands (*demands)(std::span<const std::byte> stream) = nullptr;
};
// nullopt: not a known compressed stream.
std::optional<Encoding> recognize_encoding(std::span<const std::byte> start);

// Unpacks the one stream (gzip member, xz stream, zstd frame, lz4 legacy frame, bzip2, lzma or lzop stream)
// at the start of input; sink receives it in pieces of at most 8 MiB. Returns the length of the stream in
// input bytes. Errors name the file and the byte: corrupt data, an end within the stream, a window beyond the
// kernel's limit (128 MiB). Errors of sink are passed on. Precondition: format is not None.
Result<std::size_t> decompress(Format format, std::span<const std::byte> input, const StreamSink& sink,
                               const InputPlace& place);
// Errors: also a format that is recognised, but not supported.
Result<std::size_t> decompress(const Encoding& encoding, std::span<const std::byte> input,
                               const StreamSink& sink, const InputPlace& place);

// Unpacks a whole file, like gunzip, xz and zstd: streams one after the other, with zero bytes between and
// after them. Errors: also anything else there.
struct WholeFile {
    std::size_t streams = 0;
    KernelDemands demands; // those of the first stream
};
Result<WholeFile> decompress_file(Format format, std::span<const std::byte> file, const StreamSink& sink,
                                  const std::string& name);
Result<WholeFile> decompress_file(const Encoding& encoding, std::span<const std::byte> file,
                                  const StreamSink& sink, const std::string& name);

} // namespace mkpxerd::wrap
