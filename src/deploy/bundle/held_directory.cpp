// SPDX-License-Identifier: MIT
// The at-functions of POSIX with O_NOFOLLOW at every step.
#include "mkpxerd/deploy/bundle/held_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/random_name.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr unsigned public_file = 0644;
constexpr unsigned public_directory = 0755;
constexpr int as_directory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int as_file = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

std::string last_piece(const std::string& name) {
    return name.substr(name.rfind('/') + 1); // npos + 1 is 0
}

tl::unexpected<Error> not_opened(const fs::path& path, int reason) {
    if (reason == ELOOP || reason == ENOTDIR)
        return fail(path.string(), "is a link or a file, not a directory", "remove it");
    return fail_errno(path.string(), "cannot open", reason);
}

std::vector<std::string> names_in(const UniqueFd& at) {
    return list_directory(at, "").value_or(std::vector<std::string>());
}

void remove_all(int at, const std::string& name) {
    if (const UniqueFd directory(::openat(at, name.c_str(), as_directory)); directory)
        for (const std::string& inner : names_in(directory))
            remove_all(directory.get(), inner);
    if (::unlinkat(at, name.c_str(), 0) != 0) ::unlinkat(at, name.c_str(), AT_REMOVEDIR);
}

// Read in pieces, not mapped: a file that shrinks meanwhile must not kill the program.
Result<void> read_pieces(const UniqueFd& fd, const fs::path& path,
                         const std::function<Result<void>(std::span<const std::byte>)>& sink) {
    std::vector<std::byte> buffer(std::size_t{1} << 18);
    for (std::uint64_t place = 0;;) {
        MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd.get(), place, buffer, path));
        if (got == 0) return {};
        place += got;
        MKPXERD_TRY(sink(std::span(buffer).first(got)));
    }
}

} // namespace

Result<HeldDirectory> HeldDirectory::at(const OutputPlace& place) {
    const fs::path path = place.target ? place.path : place.path.parent_path();
    UniqueFd fd(::openat((place.target ? place.target : place.directory).get(), ".", as_directory));
    if (!fd) return fail_errno(path.string(), "cannot open", errno);
    return HeldDirectory(std::move(fd), path);
}

Result<HeldDirectory> HeldDirectory::open(const fs::path& named, bool make) {
    MKPXERD_TRY_ASSIGN(const OutputPlace place, find_output_directory(named));
    if (place.target) return at(place);
    if (!make) return fail_errno(place.path.string(), "cannot open", ENOENT);
    const fs::path whole = place.path.has_filename() ? place.path : place.path.parent_path();
    if (!whole.has_filename()) return fail_errno(place.path.string(), "cannot open", ENOENT);
    MKPXERD_TRY_ASSIGN(const HeldDirectory parent,
                       open(whole.has_parent_path() ? whole.parent_path() : ".", true));
    const std::string name = whole.filename().string();
    const bool is_made = ::mkdirat(parent.fd(), name.c_str(), public_directory) == 0;
    if (!is_made && errno != EEXIST) return fail_errno(whole.string(), "cannot create directory", errno);
    MKPXERD_TRY_ASSIGN(HeldDirectory directory, parent.open_below(name));
    // Whatever the umask. Where another user may rename it, it may have been replaced.
    if (is_made && directory.is_own()) directory.set_mode(public_directory);
    return directory;
}

Result<HeldDirectory> HeldDirectory::open_below(const std::string& name) const {
    UniqueFd fd(::openat(fd_.get(), name.c_str(), as_directory));
    if (!fd) return not_opened(path_ / name, errno);
    return HeldDirectory(std::move(fd), path_ / name);
}

Result<HeldDirectory> HeldDirectory::make_below(const std::string& prefix, std::size_t characters) const {
    for (unsigned attempt = 0; attempt < 100; ++attempt) {
        const std::string name = prefix + random_name(characters);
        if (::mkdirat(fd_.get(), name.c_str(), 0700) == 0) {
            MKPXERD_TRY_ASSIGN(HeldDirectory made, open_below(name));
            // A user who may rename it could have replaced it.
            if (!made.is_own()) return fail(made.path().string(), "was replaced by another user");
            return made;
        }
        if (errno != EEXIST) break;
    }
    return fail_errno(path_.string(), "cannot be written", errno);
}

Result<UniqueFd> HeldDirectory::parent_of(const std::string& name, bool make) const {
    UniqueFd at(::openat(fd_.get(), ".", as_directory));
    if (!at) return fail_errno(path_.string(), "cannot open", errno);
    fs::path walked = path_;
    for (const fs::path& piece : fs::path(name).parent_path()) {
        walked /= piece;
        const bool is_made = make && ::mkdirat(at.get(), piece.c_str(), public_directory) == 0;
        if (make && !is_made && errno != EEXIST)
            return fail_errno(walked.string(), "cannot be created", errno);
        UniqueFd next(::openat(at.get(), piece.c_str(), as_directory));
        if (!next) return not_opened(walked, errno);
        if (is_made) (void)::fchmod(next.get(), public_directory); // whatever the umask
        at = std::move(next);
    }
    return at;
}

Result<void> HeldDirectory::make_parents(const std::string& name) const {
    MKPXERD_TRY(parent_of(name, true));
    return {};
}

Result<UniqueFd> HeldDirectory::open_file(const std::string& name) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd at, parent_of(name, false));
    UniqueFd fd(::openat(at.get(), last_piece(name).c_str(), as_file));
    const fs::path path = path_ / name;
    struct stat st {};
    if (!fd && errno != ELOOP) return fail_errno(path.string(), "cannot open", errno);
    if (!fd || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode))
        return fail(path.string(), "is not a regular file");
    return fd;
}

Result<std::string> HeldDirectory::read(const std::string& name, std::size_t limit) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_file(name));
    const fs::path path = path_ / name;
    std::string text;
    MKPXERD_TRY(read_pieces(fd, path, [&](std::span<const std::byte> piece) -> Result<void> {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        if (text.size() > limit) return fail(path.string(), fmt::format("is larger than {} bytes", limit));
        return {};
    }));
    return text;
}

Result<std::string> HeldDirectory::sha256(const std::string& name) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_file(name));
    wrap::Sha256 sum;
    MKPXERD_TRY(read_pieces(fd, path_ / name, [&](std::span<const std::byte> piece) -> Result<void> {
        sum.update(piece);
        return {};
    }));
    return wrap::to_hex(sum.finish());
}

bool HeldDirectory::has_file(const std::string& name) const {
    return open_file(name).has_value();
}

bool HeldDirectory::has_trusted_file(const std::string& name) const {
    const auto fd = open_file(name);
    struct stat st {};
    return fd && ::fstat(fd->get(), &st) == 0 && (st.st_uid == 0 || st.st_uid == ::geteuid()) &&
           (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

Result<UniqueFd> HeldDirectory::create(const std::string& name, unsigned mode) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd at, parent_of(name, true));
    const std::string last = last_piece(name);
    (void)::unlinkat(at.get(), last.c_str(), 0);
    UniqueFd fd(::openat(at.get(), last.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    const fs::path path = path_ / name;
    if (!fd) return fail_errno(path.string(), "cannot create", errno);
    if (::fchmod(fd.get(), mode) != 0) return fail_errno(path.string(), "cannot be given its mode", errno);
    return fd;
}

Result<void> HeldDirectory::write(const std::string& name, std::string_view content) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, create(name, public_file));
    return write_all(fd.get(), std::as_bytes(std::span(content)), path_ / name);
}

Result<void> HeldDirectory::copy(const std::string& name, const UniqueFd& from, const fs::path& source,
                                 unsigned mode) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, create(name, mode));
    return read_pieces(from, source, [&](std::span<const std::byte> piece) {
        return write_all(fd.get(), piece, path_ / name);
    });
}

Result<void> HeldDirectory::take(const HeldDirectory& from, const std::string& name) const {
    MKPXERD_TRY_ASSIGN(const UniqueFd source, from.parent_of(name, false));
    MKPXERD_TRY_ASSIGN(const UniqueFd target, parent_of(name, true));
    const std::string last = last_piece(name);
    if (::renameat(source.get(), last.c_str(), target.get(), last.c_str()) != 0)
        return fail_errno((path_ / name).string(), "cannot be replaced", errno);
    return {};
}

void HeldDirectory::remove(const std::string& name) const {
    if (const auto at = parent_of(name, false)) ::unlinkat(at->get(), last_piece(name).c_str(), 0);
}

void HeldDirectory::remove_tree(const std::string& name) const {
    remove_all(fd_.get(), name);
}

void HeldDirectory::remove_empty(const std::string& name) const {
    ::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR);
}

std::vector<std::string> HeldDirectory::names() const {
    return names_in(fd_);
}

void HeldDirectory::list(const UniqueFd& at, const std::string& prefix,
                         std::vector<std::string>& found) const {
    for (const std::string& name : names_in(at)) {
        const UniqueFd directory(::openat(at.get(), name.c_str(), as_directory));
        if (directory)
            list(directory, prefix + name + '/', found);
        else
            found.push_back(prefix + name);
    }
}

std::vector<std::string> HeldDirectory::files() const {
    std::vector<std::string> found;
    list(fd_, "", found);
    std::sort(found.begin(), found.end());
    return found;
}

Result<UniqueFd> HeldDirectory::lock(bool wait) const {
    UniqueFd fd(::openat(fd_.get(), ".", as_directory)); // its own descriptor, so that the lock ends with it
    if (!fd || ::flock(fd.get(), LOCK_EX | (wait ? 0 : LOCK_NB)) != 0)
        return fail_errno(path_.string(), "cannot be locked", errno);
    return fd;
}

bool HeldDirectory::is_own() const {
    struct stat st {};
    return ::fstat(fd_.get(), &st) == 0 && st.st_uid == ::geteuid();
}

bool HeldDirectory::is_trusted() const {
    struct stat st {};
    if (::fstat(fd_.get(), &st) != 0 || (st.st_uid != 0 && st.st_uid != ::geteuid())) return false;
    return (st.st_mode & S_IWOTH) == 0 || (st.st_mode & S_ISVTX) != 0;
}

fs::path HeldDirectory::lasting_path() const {
    const fs::path path = fmt::format("/proc/{}/fd/{}", ::getpid(), fd_.get());
    struct stat named {};
    struct stat held {};
    const bool is_same_directory = ::stat(path.c_str(), &named) == 0 && ::fstat(fd_.get(), &held) == 0 &&
                                   named.st_ino == held.st_ino && named.st_dev == held.st_dev;
    return is_same_directory ? path : path_;
}

Problem HeldDirectory::as_named(Problem problem, const fs::path& name) const {
    const std::string lasting = lasting_path().string();
    for (std::string* text : {&problem.object, &problem.text, &problem.hint})
        for (auto at = text->find(lasting); at != std::string::npos;
             at = text->find(lasting, at + name.native().size()))
            text->replace(at, lasting.size(), name.native());
    return problem;
}

void HeldDirectory::set_mode(unsigned mode) const {
    (void)::fchmod(fd_.get(), mode);
}

} // namespace mkpxerd::deploy
