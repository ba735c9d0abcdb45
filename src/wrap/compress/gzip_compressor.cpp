// SPDX-License-Identifier: MIT
// One gzip member from many workers: each chunk is deflated separately, its last block is no longer marked as
// last, and an empty stored block fills its last byte, so that finished chunks can simply be concatenated.
// Chunks that are packed already become stored blocks. The idea is from gzjoin in zlib's examples; libdeflate
// has no stream to flush.
#include <algorithm>
#include <array>
#include <cstring>
#include <endian.h>
#include <libdeflate.h>
#include <utility>
#include <zlib.h>

#include "compressors.hpp"
#include "mkpxerd/wrap/chunk_pipeline.hpp"
#include "mkpxerd/wrap/deflate_tail.hpp"

namespace mkpxerd::wrap {
namespace {

// Matches do not reach from one chunk into another. Measured on 58 MB of kernel modules, level 6: see bench.
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
// Up to 7 bits to a byte's end follow the 3 header bits, then LEN = 0 and NLEN.
constexpr std::size_t joint_bytes = 5;
// A stored block (RFC 1951 3.2.4) that begins at a byte: three header bits, padding, LEN and NLEN.
constexpr std::size_t longest_stored = 65535;
constexpr std::size_t stored_header = 5;
// Compressing less is faster than a lookup in the cache.
constexpr std::size_t smallest_cached = std::size_t{4} << 10;
// A compressed chunk in the cache: its CRC, to save computing it again, then the deflated bytes.
constexpr std::size_t crc_bytes = 4;

constexpr std::array<unsigned char, 10> header = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
// An empty last block with fixed codes: BFINAL, BTYPE 01, seven zero bits.
constexpr std::array<unsigned char, 2> last_block = {0x03, 0x00};

// The bits of a byte below a position in the stream.
std::byte bits_below(std::uint64_t position) {
    return static_cast<std::byte>((1U << (position % 8)) - 1);
}

// Changes a finished stream so that more blocks can follow at a byte boundary. Returns its new size.
std::size_t open_end(std::span<std::byte> output, const DeflateTail& tail) {
    output[tail.last_block / 8] &= ~(std::byte{1} << static_cast<int>(tail.last_block % 8)); // BFINAL
    std::size_t size = (tail.end + 7) / 8;
    if (tail.end % 8 == 0) return size;
    // A stored block: three zero bits, then zeros to the end of their byte.
    output[size - 1] &= bits_below(tail.end);
    if (tail.end % 8 > 5) output[size++] = std::byte{0};
    for (const auto value : {0x00, 0x00, 0xff, 0xff})
        output[size++] = static_cast<std::byte>(value);
    return size;
}

class GzipEncoder : public ChunkEncoder {
  public:
    static Result<std::unique_ptr<ChunkEncoder>> make(int level, std::shared_ptr<ChunkCache> cache) {
        auto encoder = std::make_unique<GzipEncoder>();
        encoder->identity_ = gzip_identity(level);
        if (!encoder->identity_.empty()) encoder->cache_ = std::move(cache);
        encoder->deflate_.reset(libdeflate_alloc_compressor(level));
        if (!encoder->deflate_) return fail("gzip", "out of memory");
        return encoder;
    }

    std::size_t bound(std::size_t input) const override {
        const std::size_t stored = input + (input / longest_stored + 1) * stored_header;
        return crc_bytes +
               std::max(stored, libdeflate_deflate_compress_bound(deflate_.get(), input) + joint_bytes);
    }

    Result<EncodedChunk> encode(std::span<const std::byte> input, std::span<std::byte> output) override {
        if (!cache_ || input.size() < smallest_cached) {
            MKPXERD_TRY_ASSIGN(const std::size_t size, pack(input, output));
            return encoded(input, output.first(size));
        }
        hash_.update(std::as_bytes(std::span(identity_)));
        hash_.update(input);
        const ContentHash key = hash_.finish();
        std::size_t size = 0;
        MKPXERD_TRY_ASSIGN(const bool found,
                           cache_->find(key, [&](std::span<const std::byte> kept) -> Result<void> {
                               if (kept.size() < crc_bytes || kept.size() > output.size()) return {};
                               std::memcpy(output.data(), kept.data(), kept.size());
                               size = kept.size();
                               return {};
                           }));
        if (!found || size == 0) { // 0: not one of our chunks
            MKPXERD_TRY_ASSIGN(size, pack(input, output));
            cache_->keep(key, output.first(size));
        }
        return encoded(input, output.first(size));
    }

    // libdeflate would spend Huffman codes on what they hardly shrink.
    Result<EncodedChunk> store(std::span<const std::byte> input, std::span<std::byte> output) override {
        std::size_t size = 0;
        for (std::size_t at = 0; at < input.size(); at += longest_stored) {
            const auto block = input.subspan(at, std::min(longest_stored, input.size() - at));
            const auto length = static_cast<unsigned>(block.size());
            for (const unsigned value : {0U, length, length >> 8U, ~length, ~length >> 8U})
                output[size++] = static_cast<std::byte>(value);
            std::memcpy(&output[size], block.data(), block.size()); // std::copy goes byte by byte here
            size += block.size();
        }
        return EncodedChunk{output.first(size), input.size(),
                            libdeflate_crc32(0, input.data(), input.size())};
    }

  private:
    static EncodedChunk encoded(std::span<const std::byte> input, std::span<const std::byte> compressed) {
        EncodedChunk chunk{compressed.subspan(crc_bytes), input.size(), 0};
        std::memcpy(&chunk.crc32, compressed.data(), crc_bytes);
        chunk.crc32 = le32toh(chunk.crc32);
        return chunk;
    }

    // Returns the used size of output.
    Result<std::size_t> pack(std::span<const std::byte> input, std::span<std::byte> output) {
        const std::uint32_t crc32 = htole32(libdeflate_crc32(0, input.data(), input.size()));
        std::memcpy(output.data(), &crc32, crc_bytes);
        output = output.subspan(crc_bytes);
        const std::size_t size = libdeflate_deflate_compress(deflate_.get(), input.data(), input.size(),
                                                             output.data(), output.size() - joint_bytes);
        const auto tail = find_deflate_tail(output.first(size));
        if (!tail) return fail("gzip", "libdeflate wrote a stream that does not end");
        return crc_bytes + open_end(output, *tail);
    }

    struct Free {
        void operator()(libdeflate_compressor* deflate) const { libdeflate_free_compressor(deflate); }
    };
    std::unique_ptr<libdeflate_compressor, Free> deflate_;
    std::string identity_;
    ContentHasher hash_;
    std::shared_ptr<ChunkCache> cache_;
};

class GzipCompressor : public Compressor {
  public:
    static Result<std::unique_ptr<Compressor>> make(int level, unsigned threads,
                                                    std::shared_ptr<ChunkCache> cache, ByteSink sink) {
        auto gzip = std::make_unique<GzipCompressor>();
        gzip->sink_ = std::move(sink);
        auto pipeline = ChunkPipeline::make(
            chunk_bytes, threads, [level, &cache] { return GzipEncoder::make(level, cache); },
            [self = gzip.get()](const EncodedChunk& chunk) { return self->append(chunk); });
        if (!pipeline) return fail(std::move(pipeline).error());
        gzip->pipeline_ = std::move(*pipeline);
        return gzip;
    }

    Result<void> write(std::span<const std::byte> bytes) override { return pipeline_->write(bytes); }

    Result<void> write_file(const TreePath& file, std::uint64_t size) override {
        return pipeline_->write_file(file, size);
    }

    Result<void> cut() override { return pipeline_->cut(); }

    void set_packed(bool packed) override { pipeline_->set_packed(packed); }

    Result<void> finish() override {
        MKPXERD_TRY(pipeline_->finish());
        MKPXERD_TRY(begin());
        MKPXERD_TRY(sink_(std::as_bytes(std::span(last_block))));
        std::array<std::byte, 8> trailer{};
        for (unsigned i = 0; i < 4; ++i) {
            trailer.at(i) = static_cast<std::byte>(crc32_ >> (8 * i));
            trailer.at(4 + i) = static_cast<std::byte>(input_ >> (8 * i)); // ISIZE: modulo 2^32
        }
        return sink_(trailer);
    }

  private:
    Result<void> begin() {
        if (std::exchange(begun_, true)) return {};
        return sink_(std::as_bytes(std::span(header)));
    }

    Result<void> append(const EncodedChunk& chunk) {
        MKPXERD_TRY(begin());
        crc32_ =
            static_cast<std::uint32_t>(crc32_combine(crc32_, chunk.crc32, static_cast<z_off_t>(chunk.input)));
        input_ += chunk.input;
        return sink_(chunk.bytes);
    }

    ByteSink sink_;
    bool begun_ = false;
    std::uint32_t crc32_ = 0;
    std::uint64_t input_ = 0;
    std::unique_ptr<ChunkPipeline> pipeline_; // last: its threads end first
};

} // namespace

Result<std::unique_ptr<Compressor>> make_gzip_compressor(int level, unsigned threads,
                                                         std::shared_ptr<ChunkCache> cache, ByteSink sink) {
    return GzipCompressor::make(level, threads, std::move(cache), std::move(sink));
}

std::string gzip_identity(int level) {
    return compressor_identity("gzip, CRC first", level,
                               reinterpret_cast<const void*>(&libdeflate_alloc_compressor));
}

} // namespace mkpxerd::wrap
