// SPDX-License-Identifier: MIT
// First bytes -> format -> decoder. The magic numbers are those of lib/decompress.c, and of similar formats
// that people may try instead.
#include "mkpxerd/wrap/decompressor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

struct Magic {
    std::string_view bytes;
    Encoding encoding;
};

constexpr Magic magics[] = {
    {"\x1f\x8b", {.name = "gzip", .format = Format::Gzip, .decode = decode_gzip, .demands = gzip_demands}},
    {std::string_view("\xfd\x37\x7a\x58\x5a\x00", 6),
     {.name = "xz", .format = Format::Xz, .decode = decode_xz, .demands = xz_demands}},
    {"\x28\xb5\x2f\xfd", {.name = "zstd", .format = Format::Zstd, .decode = decode_zstd}},
    {"\x02\x21\x4c\x18", {.name = "lz4", .format = Format::Lz4, .decode = decode_lz4}},
    {"BZh", {.name = "bzip2", .decode = decode_bzip2, .demands = bzip2_demands}},
    {std::string_view("\x5d\x00", 2), {.name = "lzma", .decode = decode_lzma}},
    {std::string_view("\x89LZO\0\r\n\x1a\n", 9),
     {.name = "lzo", .decode = decode_lzo, .demands = lzo_demands}},
    {"\x04\x22\x4d\x18", {.name = "lz4 frame", .hint = "the kernel reads the legacy frame only: lz4 -l"}},
    // RFC 8878, section 3.1.2: the lower four bits are free. pzstd writes such a frame first.
    {"\x50\x2a\x4d\x18",
     {.name = "skippable zstd frame",
      .hint = "the kernel does not support them: compress it with zstd, not pzstd"}},
};

bool starts_with(Bytes start, std::string_view magic) {
    return start.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), start.begin(), [](char a, std::byte b) {
               return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
           });
}

} // namespace

std::optional<Encoding> recognize_encoding(Bytes start) {
    for (const Magic& magic : magics)
        if (starts_with(start, magic.bytes)) return magic.encoding;
    return std::nullopt;
}

Result<std::size_t> decompress(const Encoding& encoding, Bytes input, const StreamSink& sink,
                               const InputPlace& place) {
    if (encoding.decode == nullptr)
        return fail(place.name, fmt::format("{} data at byte {}", encoding.name, place.offset),
                    std::string(encoding.hint));
    return encoding.decode(input, sink, place);
}

Result<std::size_t> decompress(Format format, Bytes input, const StreamSink& sink, const InputPlace& place) {
    for (const Magic& magic : magics)
        if (magic.encoding.format == format) return decompress(magic.encoding, input, sink, place);
    return fail(place.name, "is not compressed");
}

Result<WholeFile> decompress_file(Format format, Bytes file, const StreamSink& sink,
                                  const std::string& name) {
    WholeFile whole;
    for (std::size_t at = 0; whole.streams == 0 || at < file.size();) { // an empty file is an error
        if (whole.streams > 0 && file[at] == std::byte{0}) {
            ++at;
            continue;
        }
        const auto encoding = recognize_encoding(file.subspan(at));
        if (whole.streams > 0 && (!encoding || encoding->format != format))
            return fail(name, fmt::format("has other data after the stream, at byte {}", at));
        const auto shifted = [&](Bytes piece, std::size_t consumed) { return sink(piece, at + consumed); };
        MKPXERD_TRY_ASSIGN(const std::size_t length,
                           decompress(format, file.subspan(at), shifted, {name, at}));
        if (whole.streams++ == 0 && encoding && encoding->demands != nullptr)
            whole.demands = encoding->demands(file.first(length));
        at += length;
    }
    return whole;
}

std::uint32_t big_endian(Bytes bytes, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = (value << 8) | std::to_integer<std::uint32_t>(bytes[i]);
    return value;
}

tl::unexpected<Error> stream_ends_early(std::string_view format, const InputPlace& place,
                                        std::size_t length) {
    return fail(place.name, fmt::format("the {} stream at byte {} has no end: the file stops at byte {}",
                                        format, place.offset, place.offset + length));
}

tl::unexpected<Error> stream_is_corrupt(std::string_view format, const InputPlace& place, std::size_t at,
                                        std::string_view detail) {
    return fail(place.name, fmt::format("the {} stream at byte {} is corrupt near byte {}: {}", format,
                                        place.offset, place.offset + at, detail));
}

} // namespace mkpxerd::wrap
