// SPDX-License-Identifier: MIT
// First bytes -> format -> decoder, of all formats. The magic numbers are those of lib/decompress.c, and of
// similar formats that people may try instead.
#include "mkpxerd/wrap/decompressor.hpp"

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr Encoding encodings[] = {
    {.magic = gzip_magic,
     .name = "gzip",
     .format = Format::Gzip,
     .decode = decode_gzip,
     .demands = gzip_demands},
    {.magic = xz_magic, .name = "xz", .format = Format::Xz, .decode = decode_xz, .demands = xz_demands},
    {.magic = zstd_magic, .name = "zstd", .format = Format::Zstd, .decode = decode_zstd},
    {.magic = "\x02\x21\x4c\x18", .name = "lz4", .format = Format::Lz4, .decode = decode_lz4},
    {.magic = "BZh", .name = "bzip2", .decode = decode_bzip2, .demands = bzip2_demands},
    {.magic = std::string_view("\x5d\x00", 2), .name = "lzma", .decode = decode_lzma},
    {.magic = std::string_view("\x89LZO\0\r\n\x1a\n", 9),
     .name = "lzo",
     .decode = decode_lzo,
     .demands = lzo_demands},
    {.magic = "\x04\x22\x4d\x18",
     .name = "lz4 frame",
     .hint = "the kernel reads the legacy frame only: lz4 -l"},
    // RFC 8878, section 3.1.2: the lower four bits are free. pzstd writes such a frame first.
    {.magic = "\x50\x2a\x4d\x18",
     .name = "skippable zstd frame",
     .hint = "the kernel does not support them: compress it with zstd, not pzstd"},
};

} // namespace

std::optional<Encoding> recognize_encoding(Bytes start) {
    for (const Encoding& encoding : encodings)
        if (starts_with(start, encoding.magic)) return encoding;
    return std::nullopt;
}

Result<std::size_t> decompress(Format format, Bytes input, const StreamSink& sink, const InputPlace& place) {
    for (const Encoding& encoding : encodings)
        if (encoding.format == format) return decompress(encoding, input, sink, place);
    return fail(place.name, "is not compressed");
}

Result<WholeFile> decompress_file(Format format, Bytes file, const StreamSink& sink,
                                  const std::string& name) {
    for (const Encoding& encoding : encodings)
        if (encoding.format == format) return decompress_file(encoding, file, sink, name);
    return fail(name, "is not compressed");
}

} // namespace mkpxerd::wrap
