// SPDX-License-Identifier: MIT
// Cuts a stream into chunks, each full unless the caller asks for a cut, lets worker threads encode them, and
// returns the results in order. The cuts depend only on the stream, and so do the results. Memory is a ring
// of two chunks per worker.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::wrap {

// A worker's result for a chunk.
struct EncodedChunk {
    std::span<const std::byte> bytes;
    std::size_t input = 0;   // bytes of the chunk
    std::uint32_t crc32 = 0; // of the chunk, when the format wants one
};

// The state of one worker; used by one thread at a time.
class ChunkEncoder {
  public:
    virtual ~ChunkEncoder() = default;
    // Enough room for the encoded form of a chunk of this size.
    virtual std::size_t bound(std::size_t input) const = 0;
    // Writes into output, which has room for bound(input.size()) bytes.
    virtual Result<EncodedChunk> encode(std::span<const std::byte> input, std::span<std::byte> output) = 0;
    // The same for a chunk that is packed already.
    virtual Result<EncodedChunk> store(std::span<const std::byte> input, std::span<std::byte> output) {
        return encode(input, output);
    }
};

class ChunkPipeline {
  public:
    using MakeEncoder = std::function<Result<std::unique_ptr<ChunkEncoder>>()>;
    using Emit = std::function<Result<void>(const EncodedChunk&)>;

    // Precondition: chunk > 0. emit is called on the thread that calls write and finish. Errors: of
    // make_encoder.
    static Result<std::unique_ptr<ChunkPipeline>> make(std::size_t chunk, unsigned threads,
                                                       const MakeEncoder& make_encoder, Emit emit);
    ~ChunkPipeline();
    ChunkPipeline(const ChunkPipeline&) = delete;
    ChunkPipeline& operator=(const ChunkPipeline&) = delete;

    // Errors of the encoder and of emit come back from the call that meets them, and so does an exception of
    // the encoder (no memory); nothing is emitted after one.
    Result<void> write(std::span<const std::byte> bytes);
    // Compressor::write_file, by the workers.
    Result<void> write_file(const TreePath& file, std::uint64_t size);
    // The next bytes begin a new chunk.
    Result<void> cut();
    // Whether the next bytes are packed already. A change begins a new chunk, as cut() does.
    void set_packed(bool packed);
    // The last chunk may be short; there is none for an empty stream.
    Result<void> finish();

  private:
    // A part of a file that a worker must still read into the chunk.
    struct FilePart {
        TreePath file;
        std::shared_ptr<const UniqueFd> opened; // when there are other parts: all are of one file
        std::uint64_t file_size;
        std::uint64_t offset; // of the part in the file
        std::span<std::byte> place;
    };
    struct Slot {
        std::unique_ptr<std::byte[]> input;
        std::vector<FilePart> files;
        std::unique_ptr<std::byte[]> output;
        std::size_t filled = 0;
        bool packed = false;
        std::optional<Result<EncodedChunk>> encoded; // guarded by mutex_
        std::exception_ptr thrown;                   // instead; guarded by mutex_
    };

    ChunkPipeline(std::size_t chunk, std::vector<std::unique_ptr<ChunkEncoder>> encoders, Emit emit);
    Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }
    void start_threads();
    void work(ChunkEncoder& encoder);
    static Result<void> read(const FilePart& part);
    static Result<void> read(const FilePart& part, const UniqueFd& fd);
    static Result<EncodedChunk> fill_and_encode(ChunkEncoder& encoder, Slot& slot, std::size_t bound);
    void encode(ChunkEncoder& encoder, Slot& slot);
    Result<std::span<std::byte>> room(); // of the open chunk: not empty
    void take(std::size_t bytes);        // the caller has filled this many bytes of it
    void submit();
    void submit_open();
    Result<void> emit_oldest();

    std::size_t chunk_;
    std::size_t bound_;
    std::vector<std::unique_ptr<ChunkEncoder>> encoders_; // one per worker
    Emit emit_;
    std::vector<Slot> slots_; // chunk n uses slot n modulo their number

    std::uint64_t submitted_ = 0; // chunks filled; written by the caller under mutex_
    std::uint64_t emitted_ = 0;   // chunks returned; used only by the caller
    bool packed_ = false;         // of the next bytes; used only by the caller
    std::uint64_t taken_ = 0;     // chunks begun by a worker; guarded by mutex_
    bool stop_ = false;           // guarded by mutex_
    std::mutex mutex_;
    std::condition_variable work_ready_;
    std::condition_variable chunk_ready_;
    std::vector<std::thread> threads_;
};

} // namespace mkpxerd::wrap
