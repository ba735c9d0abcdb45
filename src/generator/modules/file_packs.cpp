// SPDX-License-Identifier: MIT
// Workers take one file after the other, the largest first, so that all of them end at about the same time.
#include "mkpxerd/generator/modules/file_packs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <sys/stat.h>
#include <thread>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::generator {
namespace {

// One for each worker, used for all of its files.
class FileBuffer {
  public:
    Result<std::span<const std::byte>> read(const TreePath& file, std::optional<std::uint64_t> expected) {
        MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(file));
        struct stat st {};
        if (::fstat(fd.get(), &st) != 0) return fail_errno(file.string(), "cannot stat", errno);
        const auto size = static_cast<std::size_t>(st.st_size);
        if (expected && *expected != size) return changed_meanwhile(file);
        if (size > room_) {
            bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
            room_ = size;
        }
        MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd.get(), 0, {bytes_.get(), size}, file));
        if (got != size) return changed_meanwhile(file);
        return std::span<const std::byte>(bytes_.get(), size);
    }

  private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t room_ = 0;
};

using Packed = std::optional<Result<PackedContent>>;

// What the workers of one call share.
class PackingRun {
  public:
    PackingRun(const std::vector<const PackableFile*>& files, std::size_t& room)
        : files_(files), packed_(files.size()), room_(room) {}

    void work(wrap::FilePacker packer) {
        FileBuffer buffer;
        for (std::size_t i = next_++; i < files_.size(); i = next_++) {
            packed_[i] = pack(*files_[i], packer, buffer);
            done_ += files_[i]->size;
        }
    }
    std::uint64_t done() const { return done_; }
    std::vector<Packed> take() { return std::move(packed_); }

  private:
    Result<PackedContent> pack(const PackableFile& file, wrap::FilePacker& packer, FileBuffer& buffer) {
        MKPXERD_TRY_ASSIGN(const auto plain, buffer.read(file.source, file.size));
        auto done = packer.pack(plain);
        if (!done) return fail(file.source.string(), done.error().first().text);
        std::string packed = std::move(*done);
        PackedContent content{.size = packed.size(), .bytes = nullptr, .shrinks = packed.size() < file.size};
        if (content.shrinks && takes_room(packed.size()))
            content.bytes = std::make_shared<const std::string>(std::move(packed));
        return content;
    }
    bool takes_room(std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        if (bytes > room_) return false;
        room_ -= bytes;
        return true;
    }

    const std::vector<const PackableFile*>& files_;
    std::vector<Packed> packed_; // each written by the worker that took it
    std::atomic<std::size_t> next_ = 0;
    std::atomic<std::uint64_t> done_ = 0; // bytes of the files
    std::mutex mutex_;
    std::size_t& room_; // guarded by mutex_
};

} // namespace

Result<void> FilePacks::pack(const std::vector<PackableFile>& files, const WriteProgress& progress) {
    std::vector<const PackableFile*> missing;
    std::uint64_t total = 0;
    for (const PackableFile& file : files)
        if (!packed_.contains(file.source.string())) {
            missing.push_back(&file);
            total += file.size;
        }
    std::ranges::stable_sort(missing, std::ranges::greater(), &PackableFile::size);
    PackingRun run(missing, room_);
    std::vector<std::future<void>> workers;
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < std::min(cores, missing.size()); ++i)
        workers.push_back(std::async([&] { run.work(wrap::FilePacker(packing_, cache_)); }));
    for (auto& worker : workers) {
        constexpr std::chrono::milliseconds tick(100);
        while (progress && worker.wait_for(tick) == std::future_status::timeout)
            progress(run.done(), total);
        worker.get();
    }
    auto packed = run.take();
    Problems problems;
    for (std::size_t i = 0; i < missing.size(); ++i)
        if (*packed[i])
            packed_.emplace(missing[i]->source.string(), std::move(**packed[i]));
        else
            problems.add(packed[i]->error());
    return problems.finish();
}

PackedFile FilePacks::content(const PackableFile& file) const {
    return {
        .source = file.source, .plain_size = file.size, .packing = packing_, .packed = of(file.source).bytes};
}

Result<void> write_packed(const PackedFile& file, std::uint64_t packed_size, const wrap::ByteSink& sink) {
    if (file.packed) return sink(std::as_bytes(std::span(*file.packed)));
    FileBuffer buffer;
    MKPXERD_TRY_ASSIGN(const auto plain, buffer.read(file.source, std::nullopt));
    MKPXERD_TRY_ASSIGN(const std::string packed, wrap::FilePacker(file.packing, nullptr).pack(plain));
    if (packed.size() != packed_size) return changed_meanwhile(file.source);
    return sink(std::as_bytes(std::span(packed)));
}

} // namespace mkpxerd::generator
