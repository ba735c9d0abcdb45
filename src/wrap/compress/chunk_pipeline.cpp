// SPDX-License-Identifier: MIT
// The caller fills and empties a ring of slots; workers take filled slots in order, read the parts of files
// for them, and finish them in any order. A file stays open only while it extends beyond the end of a chunk,
// so that no more files are open than there are slots.
#include "mkpxerd/wrap/chunk_pipeline.hpp"

#include <algorithm>
#include <cstring>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::wrap {

Result<std::unique_ptr<ChunkPipeline>> ChunkPipeline::make(std::size_t chunk, unsigned threads,
                                                           const MakeEncoder& make_encoder, Emit emit) {
    std::vector<std::unique_ptr<ChunkEncoder>> encoders;
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
        MKPXERD_TRY_ASSIGN(auto encoder, make_encoder());
        encoders.push_back(std::move(encoder));
    }
    std::unique_ptr<ChunkPipeline> pipeline(new ChunkPipeline(chunk, std::move(encoders), std::move(emit)));
    pipeline->start_threads();
    return pipeline;
}

ChunkPipeline::ChunkPipeline(std::size_t chunk, std::vector<std::unique_ptr<ChunkEncoder>> encoders,
                             Emit emit)
    : chunk_(chunk), bound_(encoders.front()->bound(chunk)), encoders_(std::move(encoders)),
      emit_(std::move(emit)), slots_(encoders_.size() * 2) {}

ChunkPipeline::~ChunkPipeline() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    work_ready_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

// Without any thread, the caller does the work itself: slower, with the same bytes.
void ChunkPipeline::start_threads() {
    try {
        for (const auto& encoder : encoders_)
            threads_.emplace_back([this, &encoder = *encoder] { work(encoder); });
    } catch (const std::system_error&) {
        return;
    }
}

void ChunkPipeline::work(ChunkEncoder& encoder) {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_ready_.wait(lock, [this] { return stop_ || taken_ < submitted_; });
        if (stop_) return;
        Slot& mine = slot(taken_++);
        lock.unlock();
        encode(encoder, mine);
        lock.lock();
    }
}

Result<void> ChunkPipeline::read(const FilePart& part) {
    if (part.opened) return read(part, *part.opened);
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(part.file));
    return read(part, fd);
}

Result<void> ChunkPipeline::read(const FilePart& part, const UniqueFd& fd) {
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(part.file.string(), "cannot stat", errno);
    MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd.get(), part.offset, part.place, part.file));
    if (static_cast<std::uint64_t>(st.st_size) != part.file_size || got < part.place.size())
        return changed_meanwhile(part.file);
    return {};
}

Result<EncodedChunk> ChunkPipeline::fill_and_encode(ChunkEncoder& encoder, Slot& slot, std::size_t bound) {
    for (const FilePart& part : slot.files)
        MKPXERD_TRY(read(part));
    slot.files.clear();
    if (!slot.output) slot.output = std::make_unique_for_overwrite<std::byte[]>(bound);
    const std::span<const std::byte> input(slot.input.get(), slot.filled);
    const std::span<std::byte> output(slot.output.get(), bound);
    return slot.packed ? encoder.store(input, output) : encoder.encode(input, output);
}

void ChunkPipeline::encode(ChunkEncoder& encoder, Slot& slot) {
    std::optional<Result<EncodedChunk>> encoded;
    std::exception_ptr
        thrown; // no memory: passed to the caller, since an exception in a thread ends the process
    try {
        encoded.emplace(fill_and_encode(encoder, slot, bound_));
    } catch (...) {
        thrown = std::current_exception();
    }
    {
        const std::lock_guard lock(mutex_);
        slot.encoded = std::move(encoded);
        slot.thrown = std::move(thrown);
    }
    chunk_ready_.notify_one();
}

void ChunkPipeline::submit() {
    {
        const std::lock_guard lock(mutex_);
        ++submitted_;
    }
    if (threads_.empty())
        encode(*encoders_.front(), slot(submitted_ - 1));
    else
        work_ready_.notify_one();
}

Result<void> ChunkPipeline::emit_oldest() {
    Slot& oldest = slot(emitted_);
    {
        std::unique_lock lock(mutex_);
        chunk_ready_.wait(lock, [&oldest] { return oldest.encoded.has_value() || oldest.thrown; });
    }
    if (oldest.thrown) std::rethrow_exception(std::exchange(oldest.thrown, nullptr));
    MKPXERD_TRY(*oldest.encoded);
    MKPXERD_TRY(emit_(**oldest.encoded));
    oldest.encoded.reset();
    oldest.filled = 0;
    ++emitted_;
    return {};
}

Result<void> ChunkPipeline::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        MKPXERD_TRY_ASSIGN(const auto free, room());
        const std::size_t part = std::min(bytes.size(), free.size());
        std::memcpy(free.data(), bytes.data(), part);
        take(part);
        bytes = bytes.subspan(part);
    }
    return {};
}

Result<void> ChunkPipeline::write_file(const TreePath& file, std::uint64_t size) {
    std::shared_ptr<const UniqueFd> opened;
    for (std::uint64_t offset = 0; offset < size;) {
        MKPXERD_TRY_ASSIGN(const auto free, room());
        if (offset == 0 && size > free.size()) {
            MKPXERD_TRY_ASSIGN(UniqueFd fd, open_regular(file));
            opened = std::make_shared<const UniqueFd>(std::move(fd));
        }
        const auto place = free.first(std::min<std::uint64_t>(size - offset, free.size()));
        slot(submitted_).files.push_back({file, opened, size, offset, place});
        take(place.size());
        offset += place.size();
    }
    return {};
}

Result<std::span<std::byte>> ChunkPipeline::room() {
    if (submitted_ - emitted_ == slots_.size()) MKPXERD_TRY(emit_oldest());
    Slot& open = slot(submitted_);
    if (!open.input) open.input = std::make_unique_for_overwrite<std::byte[]>(chunk_);
    return std::span(open.input.get(), chunk_).subspan(open.filled);
}

void ChunkPipeline::take(std::size_t bytes) {
    Slot& open = slot(submitted_);
    open.filled += bytes;
    open.packed = packed_;
    if (open.filled == chunk_) submit();
}

Result<void> ChunkPipeline::cut() {
    submit_open();
    return {};
}

void ChunkPipeline::set_packed(bool packed) {
    if (packed != packed_) submit_open();
    packed_ = packed;
}

// A full ring has no open slot: the next one must be emitted first.
void ChunkPipeline::submit_open() {
    if (submitted_ - emitted_ < slots_.size() && slot(submitted_).filled > 0) submit();
}

Result<void> ChunkPipeline::finish() {
    submit_open();
    while (emitted_ < submitted_)
        MKPXERD_TRY(emit_oldest());
    return {};
}

} // namespace mkpxerd::wrap
