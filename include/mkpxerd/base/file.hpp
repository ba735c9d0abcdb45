// SPDX-License-Identifier: MIT
// Whole-file reading and writing with errors that name the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd {

// Files written by people or depmod are much smaller: a kernel's largest list has about 2 MiB.
constexpr std::size_t max_text_bytes = std::size_t{64} << 20;

// The directory that a file lies in; "." when its path names none.
std::filesystem::path directory_of(const std::filesystem::path& file);

// Opens for reading (O_CLOEXEC | flags).
Result<UniqueFd> open_file(const std::filesystem::path& path, int flags);

// Opens a regular file for reading. For untrusted trees: neither this nor reading the file ever waits, as a
// named pipe would make them. Errors: it is not a regular file.
Result<UniqueFd> open_regular(const TreePath& path);

// The whole file, also one of /proc or /sys, whose size is not known beforehand. Reads a pipe to its end;
// below a tree it is read_regular. Fails above limit bytes.
Result<std::string> read_file(const TreePath& path, std::size_t limit = max_text_bytes);

// The same, for regular files only: see open_regular.
Result<std::string> read_regular(const TreePath& path, std::size_t limit = max_text_bytes);

// Writes all bytes; retries short writes and EINTR.
Result<void> write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& name);

// Fills the buffer from an offset in the file, as far as the file goes. Returns the number of bytes.
Result<std::size_t> read_at(int fd, std::uint64_t place, std::span<std::byte> buffer, const TreePath& name);

// Passes a regular file of this size to sink, in order and in pieces. Errors: it cannot be read; it is
// shorter; those of sink.
Result<void> read_whole(const TreePath& path, std::uint64_t size,
                        const std::function<Result<void>(std::span<const std::byte>)>& sink);
tl::unexpected<Error> changed_meanwhile(const TreePath& path); // the error for a file that became shorter

// Creates or truncates the file. Not atomic.
Result<void> write_file(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

// A file mapped read-only for the life of the object; an empty file maps to an empty span.
class MappedFile {
  public:
    static Result<MappedFile> open(const TreePath& path);
    // Maps a file that is already open.
    static Result<MappedFile> map(const UniqueFd& fd, const TreePath& name);
    // The same for a file that the user names: also a pipe or another stream, which is read to its end, and
    // "-", which is standard input; below a tree, regular files only. A stream of more than 4 GiB is an
    // error, since it may be endless.
    static Result<MappedFile> open_input(const TreePath& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {data_, size_}; }

  private:
    MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace mkpxerd
