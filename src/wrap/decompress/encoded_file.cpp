// SPDX-License-Identifier: MIT
// One stream, or all streams of a file, by the decoder of a known encoding; and what all decoders say of
// damaged streams. Apart from decompressor.cpp, whose table brings every decoder into the program.
#include <algorithm>
#include <fmt/format.h>

#include "decoders.hpp"

namespace mkpxerd::wrap {

bool starts_with(Bytes start, std::string_view magic) {
    return start.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), start.begin(), [](char a, std::byte b) {
               return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
           });
}

Result<std::size_t> decompress(const Encoding& encoding, Bytes input, const StreamSink& sink,
                               const InputPlace& place) {
    if (encoding.decode == nullptr)
        return fail(place.name, fmt::format("{} data at byte {}", encoding.name, place.offset),
                    std::string(encoding.hint));
    return encoding.decode(input, sink, place);
}

Result<WholeFile> decompress_file(const Encoding& encoding, Bytes file, const StreamSink& sink,
                                  const std::string& name) {
    WholeFile whole;
    for (std::size_t at = 0; whole.streams == 0 || at < file.size();) { // an empty file is an error
        if (whole.streams > 0 && file[at] == std::byte{0}) {
            ++at;
            continue;
        }
        if (whole.streams > 0 && !starts_with(file.subspan(at), encoding.magic))
            return fail(name, fmt::format("has other data after the stream, at byte {}", at));
        const auto shifted = [&](Bytes piece, std::size_t consumed) { return sink(piece, at + consumed); };
        MKPXERD_TRY_ASSIGN(const std::size_t length,
                           decompress(encoding, file.subspan(at), shifted, {name, at}));
        if (whole.streams++ == 0 && encoding.demands != nullptr)
            whole.demands = encoding.demands(file.first(length));
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
