// SPDX-License-Identifier: MIT
// POSIX file access behind Result.
#include "mkpxerd/base/file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mkpxerd {

std::filesystem::path directory_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : ".";
}

Result<UniqueFd> open_file(const std::filesystem::path& path, int flags) {
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return fail_errno(path.string(), "cannot open", errno);
    return UniqueFd(fd);
}

Result<UniqueFd> open_regular(const TreePath& path) {
    MKPXERD_TRY_ASSIGN(UniqueFd fd, path.open(O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(path.string(), "cannot stat", errno);
    if (S_ISDIR(st.st_mode)) return fail_errno(path.string(), "cannot read", EISDIR);
    if (!S_ISREG(st.st_mode)) return fail(path.string(), "is not a regular file");
    return fd;
}

static tl::unexpected<Error> too_large(const TreePath& path, std::size_t limit) {
    return fail(path.string(), fmt::format("is larger than {} bytes, the limit for such a file", limit));
}

// Room at the end of a text for the next read; avoids writing zeros first where the library can.
static void make_room(std::string& text, std::size_t size) {
#ifdef __cpp_lib_string_resize_and_overwrite
    text.resize_and_overwrite(size, [](char*, std::size_t given) { return given; });
#else
    text.resize(size);
#endif
}

static Result<std::string> read_open(const UniqueFd& fd, const TreePath& path, std::size_t limit) {
    struct stat st {};
    std::string content;
    if (::fstat(fd.get(), &st) == 0) {
        if (S_ISDIR(st.st_mode)) return fail_errno(path.string(), "cannot read", EISDIR);
        const auto size = static_cast<std::uint64_t>(std::max<off_t>(st.st_size, 0));
        if (size > limit) return too_large(path, limit);
        if (size > 0) content.reserve(size + 1);
    }
    std::size_t used = 0;
    for (;;) {
        if (content.size() - used < 4096) make_room(content, std::max(content.capacity(), used + 65536));
        const ssize_t got = ::read(fd.get(), content.data() + used, content.size() - used);
        if (got < 0) {
            if (errno == EINTR) continue;
            return fail_errno(path.string(), "cannot read", errno);
        }
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
        if (used > limit) return too_large(path, limit);
    }
    content.resize(used);
    return content;
}

Result<std::string> read_file(const TreePath& path, std::size_t limit) {
    if (path.is_in_tree()) return read_regular(path, limit);
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, path.open(O_RDONLY));
    return read_open(fd, path, limit);
}

Result<std::string> read_regular(const TreePath& path, std::size_t limit) {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(path));
    return read_open(fd, path, limit);
}

Result<void> write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& name) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0) {
            if (errno == EINTR) continue;
            return fail_errno(name.string(), "cannot write", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<std::size_t> read_at(int fd, std::uint64_t place, std::span<std::byte> buffer, const TreePath& name) {
    std::size_t used = 0;
    while (used < buffer.size()) {
        const ssize_t got =
            ::pread(fd, buffer.data() + used, buffer.size() - used, static_cast<off_t>(place + used));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(name.string(), "cannot read", errno);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    return used;
}

tl::unexpected<Error> changed_meanwhile(const TreePath& path) {
    return fail(path.string(), "changed while it was read", "run mkpxerd again");
}

Result<void> read_whole(const TreePath& path, std::uint64_t size,
                        const std::function<Result<void>(std::span<const std::byte>)>& sink) {
    constexpr std::size_t piece_bytes = std::size_t{1} << 20;
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(path));
    const std::size_t room = std::min<std::uint64_t>(size + 1, piece_bytes); // notices one byte too many
    const auto memory = std::make_unique_for_overwrite<std::byte[]>(room);
    const std::span buffer(memory.get(), room);
    std::uint64_t place = 0;
    for (std::size_t got = buffer.size(); got == buffer.size(); place += got) {
        MKPXERD_TRY_ASSIGN(got, read_at(fd.get(), place, buffer, path));
        if (got > size - place) return changed_meanwhile(path);
        MKPXERD_TRY(sink(buffer.first(got)));
    }
    return place == size ? Result<void>() : changed_meanwhile(path);
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd) return fail_errno(path.string(), "cannot create", errno);
    return write_all(fd.get(), std::as_bytes(std::span(content)), path);
}

// The rest of a stream, in memory.
static Result<UniqueFd> copy_stream(const UniqueFd& from, const TreePath& path) {
    constexpr std::uint64_t limit = std::uint64_t{4} << 30;
    UniqueFd copy(::memfd_create("stream", MFD_CLOEXEC));
    if (!copy) return fail_errno(path.string(), "cannot be kept", errno);
    const auto memory = std::make_unique_for_overwrite<std::byte[]>(std::size_t{1} << 20);
    for (std::uint64_t size = 0;;) {
        const ssize_t got = ::read(from.get(), memory.get(), std::size_t{1} << 20);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(path.string(), "cannot read", errno);
        if (got == 0) return copy;
        size += static_cast<std::size_t>(got);
        if (size > limit) return fail(path.string(), "is a stream of more than 4 GiB");
        MKPXERD_TRY(write_all(copy.get(), {memory.get(), static_cast<std::size_t>(got)}, path.host()));
    }
}

Result<MappedFile> MappedFile::open(const TreePath& path) {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(path));
    return map(fd, path);
}

Result<MappedFile> MappedFile::open_input(const TreePath& path) {
    if (path.is_in_tree()) return open(path);
    const bool is_standard_input = path.string() == "-";
    const TreePath name = is_standard_input ? "standard input" : path;
    UniqueFd fd(is_standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : -1);
    if (!is_standard_input) {
        MKPXERD_TRY_ASSIGN(fd, path.open(O_RDONLY | O_NOCTTY));
    }
    if (!fd) return fail_errno(name.string(), "cannot open", errno);
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(name.string(), "cannot stat", errno);
    if (S_ISREG(st.st_mode)) return map(fd, name);
    if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
        return fail(name.string(), "is neither a regular file nor a stream");
    MKPXERD_TRY_ASSIGN(const UniqueFd copy, copy_stream(fd, name));
    return map(copy, name);
}

Result<MappedFile> MappedFile::map(const UniqueFd& fd, const TreePath& path) {
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(path.string(), "cannot stat", errno);
    if (st.st_size == 0) return MappedFile(nullptr, 0);
    const auto size = static_cast<std::size_t>(st.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED) return fail_errno(path.string(), "cannot map", errno);
    return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

} // namespace mkpxerd
