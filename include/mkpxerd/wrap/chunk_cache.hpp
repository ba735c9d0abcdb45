// SPDX-License-Identifier: MIT
// Compressed chunks of earlier images, by their input: a rebuild compresses only the changes. The cache only
// saves time: missing or damaged chunks are compressed again, with the same result.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/content_hash.hpp"

namespace mkpxerd::wrap {

class ChunkCache {
  public:
    enum class Use {
        ReadOnly, // keep() does nothing
        ReadWrite,
    };

    // The directory is created with the first chunk. limit: bytes of all files together, after trim().
    explicit ChunkCache(std::filesystem::path directory, Use use = Use::ReadWrite,
                        std::uint64_t limit = std::uint64_t{512} << 20)
        : directory_(std::move(directory)), use_(use), limit_(limit) {}

    // Calls use() with the payload of the key if it exists and is intact; false: it is not. Errors: those of
    // use().
    Result<bool> find(const ContentHash& key,
                      const std::function<Result<void>(std::span<const std::byte>)>& use);
    // If a chunk cannot be kept, only the next build is slower.
    void keep(const ContentHash& key, std::span<const std::byte> payload);
    // Removes the least recently used files if this object added some and the limit is exceeded.
    void trim();

    std::uint64_t hits() const { return hits_; }
    std::uint64_t misses() const { return misses_; }

  private:
    // The directory of this version, opened once. -1: there is none of ours.
    int version_directory(bool make);

    std::filesystem::path directory_;
    Use use_;
    std::uint64_t limit_;
    // Workers share a cache.
    std::mutex mutex_;
    UniqueFd version_; // guarded by mutex_
    std::atomic<std::uint64_t> hits_ = 0;
    std::atomic<std::uint64_t> misses_ = 0;
    std::atomic<std::uint64_t> kept_ = 0;
};

// Everything that determines the bytes besides the input: the format, its level, and the very library (path,
// size and time of the file that contains `symbol`), because another version may compress differently.
std::string compressor_identity(std::string_view format, int level, const void* symbol);

} // namespace mkpxerd::wrap
