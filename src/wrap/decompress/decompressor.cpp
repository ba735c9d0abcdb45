// SPDX-License-Identifier: MIT
// First bytes -> format -> decoder. The magic numbers are those of lib/decompress.c, and of what people try
// instead.
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

constexpr std::string_view kernel_only = "the kernel unpacks it when built for it";
constexpr Magic magics[] = {
    {"\x1f\x8b", {"gzip", Format::Gzip, {}}},
    {std::string_view("\xfd\x37\x7a\x58\x5a\x00", 6), {"xz", Format::Xz, {}}},
    {"\x28\xb5\x2f\xfd", {"zstd", Format::Zstd, {}}},
    {"\x02\x21\x4c\x18", {"lz4", Format::Lz4, {}}},
    {"\x04\x22\x4d\x18", {"lz4 frame", {}, "the kernel reads the legacy frame only: lz4 -l"}},
    {"BZh", {"bzip2", {}, kernel_only}},
    {std::string_view("\x5d\x00\x00", 3), {"lzma", {}, kernel_only}},
    {"\x89LZO", {"lzo", {}, kernel_only}},
};

} // namespace

std::optional<Encoding> recognize_encoding(std::span<const std::byte> start) {
    for (const Magic& magic : magics) {
        const auto same = [](char a, std::byte b) {
            return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
        };
        if (start.size() >= magic.bytes.size() &&
            std::equal(magic.bytes.begin(), magic.bytes.end(), start.begin(), same))
            return magic.encoding;
    }
    return std::nullopt;
}

Result<std::size_t> decompress(Format format, std::span<const std::byte> input, const StreamSink& sink,
                               const InputPlace& place) {
    switch (format) {
    case Format::Gzip:
        return decode_gzip(input, sink, place);
    case Format::Xz:
        return decode_xz(input, sink, place);
    case Format::Zstd:
        return decode_zstd(input, sink, place);
    case Format::Lz4:
        return decode_lz4(input, sink, place);
    case Format::None:
        break;
    }
    return fail(place.name, "is not compressed");
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
