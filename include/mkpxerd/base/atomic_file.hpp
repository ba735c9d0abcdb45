// SPDX-License-Identifier: MIT
// An output file that appears complete or not at all: it has no name until it is complete. If the target
// already has the same bytes, nothing is written. A stream gets the bytes as they come.
// A process that is killed between naming its file and renaming it leaves a hidden file beside the target.
// The next one removes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd {

class AtomicFile {
  public:
    // Only the owner can read the file before commit(). Links are followed, and the file at their end is the
    // target. Devices, pipes, sockets and "-" are written to directly. Errors: see find_output().
    static Result<AtomicFile> create(const std::filesystem::path& target);
    // The same for a place that is already known. target: its name in messages.
    static Result<AtomicFile> create(OutputPlace place, const std::filesystem::path& target);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    // Without commit() nothing is left behind and the target stays unchanged.
    ~AtomicFile();

    Result<void> write(std::span<const std::byte> bytes);
    // Flushes to disk, sets the permission bits regardless of the umask, and replaces the target. A target
    // that already has these bytes stays and gets the current time, which a power cut may undo. A stream
    // keeps its permissions.
    Result<void> commit(unsigned mode);
    // Maps the written file itself, whatever has its name by now. Precondition: committed, not a stream.
    Result<MappedFile> content() const;
    bool is_stream() const { return place_.is_stream; }
    const std::filesystem::path& target() const { return target_; } // as it was named

  private:
    AtomicFile(std::filesystem::path target, OutputPlace place, UniqueFd fd)
        : target_(std::move(target)), place_(std::move(place)), fd_(std::move(fd)) {}
    Result<bool> matches_old(std::span<const std::byte> bytes); // at the place where they would be written
    Result<void> start_writing();                               // writes what was only compared so far
    Result<void> put(std::span<const std::byte> bytes);
    Result<void> finish_stream() const;
    bool keep_old(unsigned mode);
    std::filesystem::path target_; // as it was named
    OutputPlace place_;            // where it is
    UniqueFd fd_;
    UniqueFd old_;                  // the old target, as long as all bytes match it
    std::vector<std::byte> buffer_; // for reading it
    std::string temporary_;         // the temporary name; empty: none (O_TMPFILE), or a stream
    std::uint64_t written_ = 0;
    std::uint64_t begun_ = 0; // bytes whose write-back has been started
};

} // namespace mkpxerd
