// SPDX-License-Identifier: MIT
// lzop's format, unpacked by liblzo2. Numbers are big-endian; fields in brackets depend on flags.
// lib/decompress_unlzo.c reads the same and ignores most flags.
//   header  magic; version, version of the library, [version needed] of 2 bytes each; method, [level] of 1;
//           flags, [filter], mode, time, [upper half of the time] of 4; length of the name and the name;
//           checksum
//   block   length, compressed length, [checksums]; stored if both lengths are equal. Length 0 ends the
//           stream.
#include <lzo/lzo1x.h>
#include <vector>
#include <zlib.h>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr std::size_t magic_size = 9;
constexpr std::uint32_t newer_version = 0x0940; // since then with the fields of later versions
constexpr std::uint32_t kernel_block_limit = std::uint32_t{256} << 10;
enum Flag : std::uint32_t {
    adler_unpacked = 0x1,
    adler_compressed = 0x2,
    extra_field = 0x40,
    crc_unpacked = 0x100,
    crc_compressed = 0x200,
    filtered = 0x800,
};
constexpr std::uint32_t unpacked_checksums = adler_unpacked | crc_unpacked;
constexpr std::uint32_t compressed_checksums = adler_compressed | crc_compressed;

struct Header {
    std::uint32_t flags = 0;
    std::size_t length = 0;
};

// nullopt: cut off.
std::optional<Header> read_header(Bytes input) {
    Header header;
    std::size_t at = magic_size;
    const auto left = [&](std::size_t count) { return at <= input.size() && input.size() - at >= count; };
    if (input.size() < magic_size + 7) return std::nullopt;
    const bool newer = big_endian(input.subspan(at), 2) >= newer_version;
    at += newer ? 8 : 5;
    if (!left(4)) return std::nullopt;
    header.flags = big_endian(input.subspan(at), 4);
    at += 4;
    const std::size_t fields = ((header.flags & filtered) != 0 ? 4 : 0) + (newer ? 12 : 8);
    if (!left(fields + 1)) return std::nullopt;
    at += fields;
    const std::size_t name = std::to_integer<std::size_t>(input[at]) + 1;
    if (!left(name + 4)) return std::nullopt;
    at += name + 4;
    header.length = at;
    return header;
}

struct Block {
    std::uint32_t length = 0; // 0: the end of the stream
    std::uint32_t compressed = 0;
    std::uint32_t adler = 0; // of the unpacked block, if there is one
    std::size_t data = 0;    // its start
};

// nullopt: the header is cut off.
std::optional<Block> read_block(Bytes input, std::size_t at, std::uint32_t flags) {
    const auto number = [&]() -> std::optional<std::uint32_t> {
        if (input.size() - at < 4) return std::nullopt;
        at += 4;
        return big_endian(input.subspan(at - 4), 4);
    };
    const auto length = number();
    if (!length) return std::nullopt;
    if (*length == 0) return Block{0, 0, 0, at};
    const auto compressed = number();
    if (!compressed) return std::nullopt;
    Block block{*length, *compressed, 0, 0};
    for (const std::uint32_t flag : {adler_unpacked, crc_unpacked, adler_compressed, crc_compressed}) {
        if ((flags & flag) == 0 || ((flag & compressed_checksums) != 0 && *compressed >= *length)) continue;
        const auto sum = number();
        if (!sum) return std::nullopt;
        if (flag == adler_unpacked) block.adler = *sum;
    }
    block.data = at;
    return block;
}

Result<void> unpack(const Block& block, Bytes data, std::uint32_t flags, std::vector<std::byte>& output,
                    const InputPlace& place, std::size_t at) {
    output.resize(block.length);
    if (block.compressed == block.length) {
        output.assign(data.begin(), data.end());
    } else {
        lzo_uint made = output.size();
        const int status =
            ::lzo1x_decompress_safe(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                                    reinterpret_cast<unsigned char*>(output.data()), &made, nullptr);
        if (status != LZO_E_OK || made != output.size())
            return stream_is_corrupt("lzo", place, at, "bad block");
    }
    const auto* bytes = reinterpret_cast<const Bytef*>(output.data());
    if ((flags & adler_unpacked) != 0 && ::adler32(1, bytes, static_cast<uInt>(output.size())) != block.adler)
        return stream_is_corrupt("lzo", place, at, "bad checksum");
    return {};
}

} // namespace

Result<std::size_t> decode_lzo(Bytes input, const StreamSink& sink, const InputPlace& place) {
    const auto header = read_header(input);
    if (!header) return stream_ends_early("lzo", place, input.size());
    if ((header->flags & (filtered | extra_field)) != 0)
        return stream_is_corrupt("lzo", place, magic_size, "it uses a filter or field that is not known");
    std::vector<std::byte> output;
    for (std::size_t at = header->length;;) {
        const auto block = read_block(input, at, header->flags);
        if (!block) return stream_ends_early("lzo", place, input.size());
        if (block->length == 0) return block->data;
        if (block->length > block_limit || block->compressed > block->length)
            return stream_is_corrupt("lzo", place, at, "a block is longer than the format allows");
        if (input.size() - block->data < block->compressed)
            return stream_ends_early("lzo", place, input.size());
        MKPXERD_TRY(
            unpack(*block, input.subspan(block->data, block->compressed), header->flags, output, place, at));
        at = block->data + block->compressed;
        MKPXERD_TRY(sink(output, at));
    }
}

// unlzo() always reads one checksum after the lengths, and has a buffer of 256 KiB.
KernelDemands lzo_demands(Bytes stream) {
    KernelDemands demands;
    demands.hint = "compress it again: lzop without options";
    const auto header = read_header(stream);
    if (!header) return demands;
    const std::uint32_t sums = header->flags & unpacked_checksums;
    if (sums == 0 || sums == unpacked_checksums || (header->flags & compressed_checksums) != 0)
        demands.refused = "it has other checksums than the usual one";
    if (!demands.refused.empty()) return demands;
    for (std::size_t at = header->length;;) {
        const auto block = read_block(stream, at, header->flags);
        if (!block || block->length == 0 || block->compressed > stream.size() - block->data) return demands;
        if (block->length > kernel_block_limit) demands.refused = "its blocks are larger than 256 KiB";
        at = block->data + block->compressed;
    }
}

} // namespace mkpxerd::wrap
