// SPDX-License-Identifier: MIT
// Compressed streams as the kernel reads them out of an initrd (init/initramfs.c, lib/decompress*.c): known
// by their first bytes, unpacked one at a time with bounded memory, and told apart from what comes behind
// them. What the kernel's decoders take and what they do not: docs/kernel-decoders.md.
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

// A piece of the unpacked stream, and how many bytes of input it took to come this far.
using StreamSink = std::function<Result<void>(std::span<const std::byte> piece, std::size_t consumed)>;

// What a stream asks of the kernel beside the decoder of its format.
struct KernelDemands {
    std::string refused = {};                // what no kernel's decoder takes; empty: nothing
    std::string hint = {};                   // how to pack it instead
    std::set<std::string_view> options = {}; // of the kernel's configuration: "CONFIG_XZ_DEC_X86"
};

// What the first bytes of a stream say it is.
struct Encoding {
    std::string_view name = {};        // "gzip", "bzip2"
    std::optional<Format> format = {}; // none: not written here, and no kernel module is packed by it
    std::string_view hint = {};        // of one that is not unpacked here; may be empty
    Result<std::size_t> (*decode)(std::span<const std::byte> input, const StreamSink& sink,
                                  const InputPlace& place) = nullptr; // nullptr: known by name alone
    // stream: from its first to its last byte; of one that decode would not unpack, little is told. nullptr:
    // the kernel's decoder takes what decode takes.
    KernelDemands (*demands)(std::span<const std::byte> stream) = nullptr;
};
// nullopt: no compressed stream that is known.
std::optional<Encoding> recognize_encoding(std::span<const std::byte> start);

// Unpacks the one stream (gzip member, xz stream, zstd frame, lz4 legacy frame, bzip2, lzma or lzop stream)
// at the start of input; sink receives it in pieces of at most 8 MiB. Returns how many bytes of input the
// stream is long. Errors name the file and the byte: corrupt data, an end within the stream, a window beyond
// what the kernel allows (128 MiB). Errors of sink are passed on. Precondition: format is not None.
Result<std::size_t> decompress(Format format, std::span<const std::byte> input, const StreamSink& sink,
                               const InputPlace& place);
// Errors: also that it is only known by name.
Result<std::size_t> decompress(const Encoding& encoding, std::span<const std::byte> input,
                               const StreamSink& sink, const InputPlace& place);

// Unpacks a whole file, as gunzip, xz and zstd do: streams one behind the other, zero bytes between and
// behind them. Errors: also anything else there.
struct WholeFile {
    std::size_t streams = 0;
    KernelDemands demands; // those of the first stream
};
Result<WholeFile> decompress_file(Format format, std::span<const std::byte> file, const StreamSink& sink,
                                  const std::string& name);

} // namespace mkpxerd::wrap
