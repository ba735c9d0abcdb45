// SPDX-License-Identifier: MIT
// The legacy lz4 frame, as lib/decompress_unlz4.c reads it: magic, then blocks of 4 bytes of length (little
// endian) and data, each unpacking to at most 8 MiB; ends with the file or with a length of zero, such as
// padding.
#include <lz4.h>
#include <memory>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr std::uint32_t legacy_magic = 0x184C2102;

std::uint32_t read_u32(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = (value << 8) | std::to_integer<std::uint32_t>(bytes[i]);
    return value;
}

} // namespace

Result<std::size_t> decode_lz4(Bytes input, const StreamSink& sink, const InputPlace& place) {
    // Not cleared, since a file may have a stream every few bytes.
    const auto memory = std::make_unique_for_overwrite<std::byte[]>(block_limit);
    const std::span output(memory.get(), block_limit);
    std::size_t at = 0;
    while (input.size() - at >= 4) {
        const std::uint32_t length = read_u32(input.subspan(at));
        if (length == 0) return at;
        if (length == legacy_magic) { // at the start, and between joined frames
            at += 4;
            continue;
        }
        if (length > static_cast<std::uint32_t>(LZ4_compressBound(static_cast<int>(block_limit))))
            return stream_is_corrupt("lz4", place, at, "a block is longer than the format allows");
        if (length > input.size() - at - 4) return stream_ends_early("lz4", place, input.size());
        const int made = ::LZ4_decompress_safe(reinterpret_cast<const char*>(input.data() + at + 4),
                                               reinterpret_cast<char*>(output.data()),
                                               static_cast<int>(length), static_cast<int>(block_limit));
        if (made < 0) return stream_is_corrupt("lz4", place, at, "bad block");
        at += 4 + std::size_t{length};
        MKPXERD_TRY(sink(output.first(static_cast<std::size_t>(made)), at));
    }
    for (std::size_t i = at; i < input.size(); ++i)
        if (input[i] != std::byte{0}) return stream_ends_early("lz4", place, input.size());
    return at;
}

} // namespace mkpxerd::wrap
