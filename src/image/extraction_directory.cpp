// SPDX-License-Identifier: MIT
// openat2(2) opens a deep directory in one step; missing parts are created one by one.
#include "extraction_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/image/extractor.hpp"

namespace mkpxerd::image {

std::string last_name(const std::string& path) {
    return path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
}

Result<std::filesystem::path> make_extraction_directory(const std::filesystem::path& directory,
                                                        bool is_private) {
    const auto named = directory.has_filename() ? directory : directory.parent_path(); // "dir/"
    MKPXERD_TRY_ASSIGN(OutputPlace place, find_output_directory(named));
    if (place.target) return std::move(place.path);
    std::error_code error;
    if (place.path.has_parent_path()) std::filesystem::create_directories(place.path.parent_path(), error);
    if (error) return fail(directory.string(), "cannot create: " + error.message());
    if (::mkdir(place.path.c_str(), is_private ? 0700 : 0777) != 0 && errno != EEXIST)
        return fail_errno(directory.string(), "cannot create", errno);
    return std::move(place.path);
}

Result<ExtractionDirectory> ExtractionDirectory::open(const std::filesystem::path& directory,
                                                      bool is_private) {
    MKPXERD_TRY_ASSIGN(const auto made, make_extraction_directory(directory, is_private));
    MKPXERD_TRY_ASSIGN(const OutputPlace place, find_output_directory(made));
    UniqueFd fd(::openat(place.target.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail_errno(directory.string(), "cannot open", errno);
    return ExtractionDirectory(directory, std::move(fd));
}

Result<int> ExtractionDirectory::parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return directory(slash == std::string::npos ? "" : path.substr(0, slash));
}

Result<int> ExtractionDirectory::directory(const std::string& path) {
    if (path == last_path_ && last_) return last_.get();
    // Most exist; a single step, so that a deep path costs no more than its bytes.
    if (!path.empty())
        if (UniqueFd whole = open_whole(path)) return keep(std::move(whole), path);
    const auto slash = path.rfind('/');
    UniqueFd at = slash == std::string::npos ? UniqueFd() : open_whole(path.substr(0, slash));
    std::string_view missing = path;
    if (at)
        missing.remove_prefix(slash + 1);
    else
        at.reset(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    for (const auto name : split(missing, '/')) {
        const std::string component(name);
        if (::mkdirat(at.get(), component.c_str(), 0700) != 0 && errno != EEXIST)
            return fail_errno(host(path), "cannot create", errno);
        const int next =
            ::openat(at.get(), component.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0) {
            if (errno == ELOOP || errno == ENOTDIR)
                return fail(host(path),
                            fmt::format("'{}' on its path is a link or a file, not a directory", component));
            return fail_errno(host(path), "cannot open", errno);
        }
        at.reset(next);
    }
    return keep(std::move(at), path);
}

Result<int> ExtractionDirectory::clear(const std::string& path) {
    MKPXERD_TRY_ASSIGN(const int at, parent(path));
    if (::unlinkat(at, last_name(path).c_str(), 0) != 0 && errno != ENOENT)
        return fail_errno(host(path), "cannot replace", errno);
    return at;
}

// Empty: a part is missing or a link, or the kernel is older than Linux 5.6.
UniqueFd ExtractionDirectory::open_whole(const std::string& path) const {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how)));
}

int ExtractionDirectory::keep(UniqueFd directory, const std::string& path) {
    last_ = std::move(directory);
    last_path_ = path;
    return last_.get();
}

} // namespace mkpxerd::image
