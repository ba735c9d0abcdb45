// SPDX-License-Identifier: MIT
// The legacy frame of lz4, the only one that the kernel reads (lib/decompress_unlz4.c): a magic number, then
// blocks of 8 MiB, each after its compressed size. It has no end mark and no checksum.
#include <array>
#include <lz4.h>
#include <lz4hc.h>
#include <utility>

#include "compressors.hpp"
#include "mkpxerd/wrap/chunk_pipeline.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr std::size_t block_bytes = std::size_t{8} << 20; // LZ4_DEFAULT_UNCOMPRESSED_CHUNK_SIZE of the kernel
constexpr std::size_t size_bytes = 4;                     // of a block, little endian
constexpr std::array<unsigned char, 4> magic = {0x02, 0x21, 0x4c, 0x18};

class Lz4Encoder : public ChunkEncoder {
  public:
    explicit Lz4Encoder(int level) : level_(level) {}

    std::size_t bound(std::size_t input) const override {
        return size_bytes + static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(input)));
    }

    Result<EncodedChunk> encode(std::span<const std::byte> input, std::span<std::byte> output) override {
        const auto* from = reinterpret_cast<const char*>(input.data());
        auto* to = reinterpret_cast<char*>(output.data()) + size_bytes;
        const int length = static_cast<int>(input.size());
        const int room = static_cast<int>(output.size() - size_bytes);
        // As in the lz4 program, all levels below the high-compression ones are the same.
        const int size = level_ < LZ4HC_CLEVEL_MIN ? LZ4_compress_default(from, to, length, room)
                                                   : LZ4_compress_HC(from, to, length, room, level_);
        if (size <= 0) return fail("lz4", "out of memory");
        for (unsigned i = 0; i < size_bytes; ++i)
            output[i] = static_cast<std::byte>(static_cast<unsigned>(size) >> (8 * i));
        EncodedChunk chunk;
        chunk.bytes = output.first(size_bytes + static_cast<std::size_t>(size));
        chunk.input = input.size();
        return chunk;
    }

  private:
    int level_;
};

class Lz4Compressor : public Compressor {
  public:
    static Result<std::unique_ptr<Compressor>> make(int level, unsigned threads, ByteSink sink) {
        auto lz4 = std::make_unique<Lz4Compressor>();
        lz4->sink_ = std::move(sink);
        auto pipeline = ChunkPipeline::make(
            block_bytes, threads, [level] { return std::make_unique<Lz4Encoder>(level); },
            [self = lz4.get()](const EncodedChunk& chunk) { return self->append(chunk); });
        if (!pipeline) return fail(std::move(pipeline).error());
        lz4->pipeline_ = std::move(*pipeline);
        return lz4;
    }

    Result<void> write(std::span<const std::byte> bytes) override { return pipeline_->write(bytes); }

    Result<void> write_file(const TreePath& file, std::uint64_t size) override {
        return pipeline_->write_file(file, size);
    }

    Result<void> finish() override {
        MKPXERD_TRY(pipeline_->finish());
        return begin();
    }

  private:
    Result<void> begin() {
        if (std::exchange(begun_, true)) return {};
        return sink_(std::as_bytes(std::span(magic)));
    }

    Result<void> append(const EncodedChunk& chunk) {
        MKPXERD_TRY(begin());
        return sink_(chunk.bytes);
    }

    ByteSink sink_;
    bool begun_ = false;
    std::unique_ptr<ChunkPipeline> pipeline_; // last: its threads end first
};

} // namespace

Result<std::unique_ptr<Compressor>> make_lz4_compressor(int level, unsigned threads, ByteSink sink) {
    return Lz4Compressor::make(level, threads, std::move(sink));
}

std::string lz4_identity(int level) {
    return compressor_identity("lz4", level, reinterpret_cast<const void*>(&LZ4_compress_HC));
}

} // namespace mkpxerd::wrap
