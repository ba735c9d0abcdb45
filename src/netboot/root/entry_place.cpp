// SPDX-License-Identifier: MIT
// The kernel resolves each path; directories are made one by one.
#include "mkpxerd/netboot/root/entry_place.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/root/entry_attributes.hpp"

namespace mkpxerd::netboot {
namespace {

// "./etc/hosts" -> "etc/hosts".
Result<std::string> safe_path(const std::string& path) {
    if (path.starts_with('/')) return fail(path, "is an absolute name", {}, Failure::ArchiveEscapes);
    for (const auto piece : split(path, '/'))
        if (piece == "..") return fail(path, "leads out of the root", {}, Failure::ArchiveEscapes);
    if (path.find('\0') != std::string::npos)
        return fail(path, "contains a NUL byte", {}, Failure::ArchiveEscapes);
    return clean_path(path);
}

UniqueFd open_by_root(int root, const char* path) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
}

} // namespace

tl::unexpected<Error> entry_failure(const std::string& entry, std::string_view text, int error_number,
                                    SourcePlace place) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    const char* hint = error_number == ENOSPC
                           ? "the root file system is too small: give more memory, or rootflags=size="
                           : "";
    return fail(entry, fmt::format("{}: {}", text, std::generic_category().message(error_number)), hint,
                full ? Failure::NoSpaceToUnpack : Failure::CannotUnpack, place);
}

Result<RootDirectory> RootDirectory::open(const std::filesystem::path& root) {
    UniqueFd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail_errno(root.string(), "cannot open", errno);
    // Nothing else resolves links inside a root without a race, so there is no fallback. A sandbox answers
    // EPERM.
    if (const UniqueFd probe = open_by_root(fd.get(), "."); !probe && (errno == ENOSYS || errno == EPERM))
        return fail(root.string(),
                    "cannot unpack archives: this kernel has no openat2(2), or a sandbox refuses it",
                    "Linux 5.6 or later has it", Failure::NoSafeUnpacking);
    return RootDirectory(std::move(fd));
}

Result<EntryPlace> RootDirectory::place(const std::string& entry, bool make_parents) const {
    MKPXERD_TRY_ASSIGN(const std::string path, safe_path(entry));
    const auto slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
    auto directory = open_beneath(parent);
    if (!directory && make_parents) directory = make_directories(parent);
    if (!directory) return fail(std::move(directory).error());
    return EntryPlace{std::move(*directory), path.substr(slash + 1)};
}

Result<void> RootDirectory::check_directory(const std::string& entry) const {
    MKPXERD_TRY_ASSIGN(const std::string path, safe_path(entry));
    MKPXERD_TRY(open_beneath(path));
    return {};
}

Result<UniqueFd> RootDirectory::open_beneath(const std::string& path) const {
    UniqueFd fd = open_by_root(root_.get(), path.empty() ? "." : path.c_str());
    if (!fd) return entry_failure(path, "cannot open", errno);
    return fd;
}

// The length of the existing part of a path, up to the end of a name. A binary search, because a path may
// have two thousand names and each lookup resolves them all.
std::size_t RootDirectory::existing_part(const std::string& path) const {
    std::vector<std::size_t> ends = {0};
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
        ends.push_back(at);
    std::size_t existing = 0;
    for (std::size_t missing = ends.size(); missing - existing > 1;) {
        const std::size_t middle = existing + (missing - existing) / 2;
        if (open_by_root(root_.get(), path.substr(0, ends[middle]).c_str()))
            existing = middle;
        else
            missing = middle;
    }
    return ends[existing];
}

Result<UniqueFd> RootDirectory::make_directories(const std::string& path) const {
    std::size_t at = existing_part(path);
    MKPXERD_TRY_ASSIGN(UniqueFd directory, open_beneath(path.substr(0, at)));
    while (at < path.size()) {
        const std::size_t begin = at == 0 ? 0 : at + 1;
        at = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, at - begin);
        if (const DirectoryTime kept(directory.get());
            ::mkdirat(directory.get(), name.c_str(), new_directory_mode) != 0 && errno != EEXIST)
            return entry_failure(path, "cannot create directory", errno);
        UniqueFd next(::openat(directory.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) { // a link: it starts at the root
            MKPXERD_TRY_ASSIGN(next, open_beneath(path.substr(0, at)));
        }
        directory = std::move(next);
    }
    return directory;
}

} // namespace mkpxerd::netboot
