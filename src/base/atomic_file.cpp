// SPDX-License-Identifier: MIT
// O_TMPFILE: the file has no name until it is complete. File systems without it (NFS, old overlays) get a
// hidden file beside the target instead. A build that is killed while its file has a hidden name leaves that
// file, and the next build for the same target removes it: its writer no longer holds the lock.
// As long as the bytes equal those of the old file, they are compared and not written: a rebuild without
// changes does not wait for the disk.
#include "mkpxerd/base/atomic_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/random_name.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd {
namespace {

// Write-back starts after this many bytes, so that little is left to write at the end.
constexpr std::uint64_t writeback_bytes = std::uint64_t{4} << 20;
constexpr std::size_t buffer_bytes = std::size_t{256} << 10;
constexpr unsigned max_attempts = 100; // to find a name that is free

constexpr std::size_t random_characters = 16;

// Hidden, and unguessable: nobody can take it first.
std::string temporary_name(const std::string& target) {
    return fmt::format(".{}.{}", target, random_name(random_characters));
}

bool is_temporary_name(std::string_view name, const std::string& target) {
    const std::string start = fmt::format(".{}.", target);
    return name.starts_with(start) && is_random_name(name.substr(start.size()), random_characters);
}

// Removes what killed builds left beside the target. A file whose writer lives stays, and so does one that
// cannot be locked (a file system without locks) or that another user owns. A shared lock conflicts with the
// exclusive one of a writer, and NFS grants it on a file that is open for reading alone.
void remove_abandoned(const OutputPlace& place) {
    const auto names = list_directory(place.directory, "");
    if (!names) return; // the directory may be closed for reading
    for (const std::string& name : *names) {
        if (!is_temporary_name(name, place.name)) continue;
        const UniqueFd fd(::openat(place.directory.get(), name.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat st {};
        if (fd && ::fstat(fd.get(), &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == ::geteuid() &&
            ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0)
            ::unlinkat(place.directory.get(), name.c_str(), 0);
    }
}

// A new file of a hidden name. Another build may take it for abandoned before it is locked: then it is gone,
// and the next one gets another name.
UniqueFd create_hidden(const OutputPlace& place, std::string& name) {
    for (unsigned attempt = 0; attempt < max_attempts; ++attempt) {
        name = temporary_name(place.name);
        UniqueFd fd(
            ::openat(place.directory.get(), name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
        if (!fd && errno != EEXIST) return fd;
        struct stat st {};
        if (!fd) continue;
        if ((::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
            ::fstat(fd.get(), &st) == 0 && st.st_nlink > 0)
            return fd;
    }
    errno = EEXIST;
    return UniqueFd();
}

// The old target, to compare with: a file of this user that nobody else can change.
UniqueFd open_old(const OutputPlace& place) {
    UniqueFd old(::openat(place.directory.get(), place.name.c_str(),
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat st {};
    const bool is_ours = old && ::fstat(old.get(), &st) == 0 && S_ISREG(st.st_mode) &&
                         st.st_uid == ::geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    return is_ours ? std::move(old) : UniqueFd();
}

// FAT accepts every mode and keeps that of its mount options.
Result<void> set_mode(int fd, unsigned mode, const std::filesystem::path& target) {
    constexpr unsigned others = 066; // reading and writing by anybody but the owner
    struct stat st {};
    if (::fchmod(fd, mode) != 0 || ::fstat(fd, &st) != 0)
        return fail_errno(target.string(), "cannot set permissions", errno);
    if ((st.st_mode & others & ~mode) == 0) return {};
    return fail(target.string(), "must be private, but others can read all files of this file system",
                "mount that file system with fmask=0177, or write elsewhere");
}

// The descriptor may be non-blocking: then wait here for a full pipe.
Result<void> write_stream(int fd, std::span<const std::byte> bytes, const std::filesystem::path& name) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) {
            pollfd wait{fd, POLLOUT, 0};
            (void)::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return fail_errno(name.string(), "cannot write", errno);
        }
    }
    return {};
}

} // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
    MKPXERD_TRY_ASSIGN(OutputPlace place, find_output(target));
    return create(std::move(place), target);
}

Result<AtomicFile> AtomicFile::create(OutputPlace place, const std::filesystem::path& target) {
    if (place.is_stream) {
        MKPXERD_TRY_ASSIGN(UniqueFd stream, open_stream(place, target));
        return AtomicFile(target, std::move(place), std::move(stream));
    }
    const std::filesystem::path directory = directory_of(place.path);
    if (!place.directory) { // not a directory, or not accessible
        const UniqueFd missing(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return fail_errno(target.string(), fmt::format("cannot write into {}", directory.string()),
                          missing ? ENOENT : errno);
    }
    remove_abandoned(place);
    UniqueFd fd(::openat(place.directory.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    std::string temporary;
    if (fd)
        (void)::flock(fd.get(), LOCK_EX); // before it has a name: see remove_abandoned
    else if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
        fd = create_hidden(place, temporary);
    if (!fd)
        return fail_errno(target.string(), fmt::format("cannot write into {}", directory.string()), errno);
    UniqueFd old = open_old(place);
    AtomicFile file(target, std::move(place), std::move(fd));
    file.old_ = std::move(old);
    file.temporary_ = std::move(temporary);
    return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)), place_(std::move(other.place_)), fd_(std::move(other.fd_)),
      old_(std::move(other.old_)), temporary_(std::exchange(other.temporary_, {})) {}

AtomicFile::~AtomicFile() {
    if (!temporary_.empty()) ::unlinkat(place_.directory.get(), temporary_.c_str(), 0);
}

Result<void> AtomicFile::write(std::span<const std::byte> bytes) {
    if (old_) {
        MKPXERD_TRY_ASSIGN(const bool same, matches_old(bytes));
        if (same) {
            written_ += bytes.size();
            return {};
        }
        MKPXERD_TRY(start_writing());
    }
    return put(bytes);
}

Result<bool> AtomicFile::matches_old(std::span<const std::byte> bytes) {
    buffer_.resize(buffer_bytes);
    for (std::uint64_t place = written_; !bytes.empty();) {
        const auto part = std::span(buffer_).first(std::min(bytes.size(), buffer_.size()));
        MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(old_.get(), place, part, target_));
        if (got < part.size() || std::memcmp(part.data(), bytes.data(), got) != 0) return false;
        place += got;
        bytes = bytes.subspan(got);
    }
    return true;
}

Result<void> AtomicFile::start_writing() {
    const UniqueFd old = std::move(old_);
    buffer_.resize(buffer_bytes);
    for (std::uint64_t left = std::exchange(written_, 0); left > 0;) {
        const auto part = std::span(buffer_).first(std::min<std::uint64_t>(left, buffer_.size()));
        MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(old.get(), written_, part, target_));
        if (got < part.size())
            return fail(target_.string(), "changed while it was replaced", "run mkpxerd again");
        MKPXERD_TRY(put(part));
        left -= got;
    }
    return {};
}

Result<void> AtomicFile::put(std::span<const std::byte> bytes) {
    if (place_.is_stream) return write_stream(fd_.get(), bytes, target_);
    MKPXERD_TRY(write_all(fd_.get(), bytes, target_));
    written_ += bytes.size();
    if (written_ - begun_ >= writeback_bytes) {
        // Best effort: commit() waits for all of it in any case.
        (void)::sync_file_range(fd_.get(), static_cast<off64_t>(begun_),
                                static_cast<off64_t>(written_ - begun_), SYNC_FILE_RANGE_WRITE);
        begun_ = written_;
    }
    return {};
}

// The writer of the old file may not have waited for the disk.
bool AtomicFile::keep_old(unsigned mode) {
    struct stat st {};
    if (::fstat(old_.get(), &st) != 0 || static_cast<std::uint64_t>(st.st_size) != written_) return false;
    if ((st.st_mode & 07777U) != mode && (!set_mode(old_.get(), mode, target_) || ::fsync(old_.get()) != 0))
        return false;
    // Programs that ask for files newer than their sources, such as make, must see that this one is. A power
    // cut may lose the time but not the bytes: waiting for both means waiting for the journal.
    return ::fdatasync(old_.get()) == 0 && ::futimens(old_.get(), nullptr) == 0;
}

// A disk behind a device or a redirection may still fail; a pipe or a terminal does not.
Result<void> AtomicFile::finish_stream() const {
    if (::fsync(fd_.get()) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP) return {};
    return fail_errno(target_.string(), "cannot write", errno);
}

Result<void> AtomicFile::commit(unsigned mode) {
    if (place_.is_stream) return finish_stream();
    if (old_) {
        if (keep_old(mode)) return {};
        MKPXERD_TRY(start_writing());
    }
    MKPXERD_TRY(set_mode(fd_.get(), mode, target_));
    if (::fsync(fd_.get()) != 0) return fail_errno(target_.string(), "cannot write", errno);
    // linkat cannot replace, rename can: the nameless file needs a name for a moment.
    for (unsigned attempt = 0; temporary_.empty(); ++attempt) {
        const auto name = temporary_name(place_.name);
        const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
        if (::linkat(AT_FDCWD, self.c_str(), place_.directory.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0)
            temporary_ = name;
        else if (errno != EEXIST || attempt >= max_attempts)
            return fail_errno(target_.string(), "cannot be named", errno);
    }
    const int directory = place_.directory.get();
    if (::renameat(directory, temporary_.c_str(), directory, place_.name.c_str()) != 0)
        return fail_errno(target_.string(), "cannot be replaced", errno);
    temporary_.clear();
    // The directory too, so that the new name survives a power cut. Some file systems refuse, and nothing
    // more can be done.
    if (const UniqueFd opened(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); opened)
        (void)::fsync(opened.get());
    return {};
}

Result<MappedFile> AtomicFile::content() const {
    return MappedFile::open(fmt::format("/proc/self/fd/{}", (old_ ? old_ : fd_).get()));
}

} // namespace mkpxerd
