// SPDX-License-Identifier: MIT
// Calls into zlib, liblzma, libzstd, liblz4 and libdeflate, as their manuals have it.
#include "unpack.hpp"

#include <cstring>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <memory>
#include <zlib.h>
#include <zstd.h>

namespace mkpxerd::test {
namespace {

constexpr std::size_t piece = 1 << 16;

Bytef* zlib_input(const std::string& bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

} // namespace

std::optional<std::string> unpack_gzip(const std::string& compressed) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return std::nullopt;
    stream.next_in = zlib_input(compressed);
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::string plain;
    int code = Z_OK;
    while (code == Z_OK) {
        std::string part(piece, '\0');
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = piece;
        code = inflate(&stream, Z_NO_FLUSH);
        plain.append(part, 0, piece - stream.avail_out);
    }
    const bool whole = code == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!whole) return std::nullopt;
    return plain;
}

std::optional<std::string> unpack_xz(const std::string& compressed) {
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK) return std::nullopt;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(compressed.data());
    stream.avail_in = compressed.size();
    std::string plain;
    lzma_ret code = LZMA_OK;
    while (code == LZMA_OK) {
        std::string part(piece, '\0');
        stream.next_out = reinterpret_cast<std::uint8_t*>(part.data());
        stream.avail_out = piece;
        code = lzma_code(&stream, LZMA_FINISH);
        plain.append(part, 0, piece - stream.avail_out);
    }
    const bool whole = code == LZMA_STREAM_END && stream.avail_in == 0;
    lzma_end(&stream);
    if (!whole) return std::nullopt;
    return plain;
}

std::optional<std::string> unpack_zstd(const std::string& compressed) {
    const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                               ZSTD_freeDStream);
    ZSTD_inBuffer input = {compressed.data(), compressed.size(), 0};
    std::string plain;
    std::size_t left = 1;
    while (left != 0) {
        std::string part(piece, '\0');
        ZSTD_outBuffer output = {part.data(), part.size(), 0};
        left = ZSTD_decompressStream(stream.get(), &output, &input);
        if (ZSTD_isError(left) != 0) return std::nullopt;
        plain.append(part, 0, output.pos);
        if (left != 0 && input.pos == input.size && output.pos == 0) return std::nullopt;
    }
    if (input.pos != input.size) return std::nullopt;
    return plain;
}

std::optional<std::string> unpack_lz4(const std::string& compressed) {
    if (compressed.size() < 4 || compressed.compare(0, 4, "\x02\x21\x4c\x18") != 0) return std::nullopt;
    std::string plain;
    std::string block(8 << 20, '\0');
    std::size_t at = 4;
    while (at < compressed.size()) {
        if (compressed.size() - at < 4) return std::nullopt;
        std::uint32_t size = 0;
        for (unsigned i = 0; i < 4; ++i)
            size |= std::uint32_t{static_cast<unsigned char>(compressed[at + i])} << (8 * i);
        at += 4;
        if (size > compressed.size() - at) return std::nullopt;
        const int got = LZ4_decompress_safe(compressed.data() + at, block.data(), static_cast<int>(size),
                                            static_cast<int>(block.size()));
        if (got <= 0) return std::nullopt;
        at += size;
        // Only the last block may be short.
        if (at < compressed.size() && got != static_cast<int>(block.size())) return std::nullopt;
        plain.append(block, 0, static_cast<std::size_t>(got));
    }
    return plain;
}

std::optional<BlockEnds> deflate_ends(const std::string& stream) {
    z_stream state{};
    if (inflateInit2(&state, -15) != Z_OK) return std::nullopt;
    state.next_in = zlib_input(stream);
    state.avail_in = static_cast<uInt>(stream.size());
    BlockEnds ends;
    std::string part(piece, '\0');
    int code = Z_OK;
    const auto position = [&] {
        return (stream.size() - state.avail_in) * 8 - static_cast<unsigned>(state.data_type & 7);
    };
    while (code == Z_OK) {
        state.next_out = reinterpret_cast<Bytef*>(part.data());
        state.avail_out = piece;
        code = inflate(&state, Z_BLOCK);
        // Bit 7 of data_type: it stopped at the end of a block; bit 6: and that was the last one.
        if ((state.data_type & 128) != 0) {
            if ((state.data_type & 64) != 0)
                ends.end = position();
            else
                ends.last_block = position();
        }
    }
    inflateEnd(&state);
    if (code != Z_STREAM_END) return std::nullopt;
    return ends;
}

std::string deflate_libdeflate(const std::string& bytes, int level) {
    const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> deflate(
        libdeflate_alloc_compressor(level), libdeflate_free_compressor);
    std::string compressed(libdeflate_deflate_compress_bound(deflate.get(), bytes.size()), '\0');
    compressed.resize(libdeflate_deflate_compress(deflate.get(), bytes.data(), bytes.size(),
                                                  compressed.data(), compressed.size()));
    return compressed;
}

std::string deflate_zlib(const std::string& bytes, int level, int strategy) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy) != Z_OK) return {};
    // deflateBound of zlib 1.2.13 is a byte short for tiny stored input.
    std::string compressed(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 16, '\0');
    stream.next_in = zlib_input(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    deflate(&stream, Z_FINISH);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    return compressed;
}

} // namespace mkpxerd::test
