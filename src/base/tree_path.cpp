// SPDX-License-Identifier: MIT
// Opens everything that is below a tree.
#include "mkpxerd/base/tree_path.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

constexpr unsigned max_attempts = 64; // while others rename and mount in the tree

UniqueFd failed(int error_number) {
    errno = error_number;
    return UniqueFd();
}

UniqueFd open_root(const std::filesystem::path& path) {
    return UniqueFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

std::string_view without_leading_slashes(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return path;
}

} // namespace

struct TreePath::Root {
    explicit Root(std::filesystem::path named) : path(std::move(named)), directory(open_root(path)) {}
    std::filesystem::path path;
    UniqueFd directory; // O_PATH; empty when nothing could be opened then
};

bool is_absence(int error_number) {
    return error_number == ENOENT || error_number == ENOTDIR || error_number == ENAMETOOLONG;
}

UniqueFd open_in_root_by_hand(int root, std::string_view path, int flags) {
    std::vector<UniqueFd> way; // the directories below the root that were entered
    std::deque<std::string> todo;
    for (const auto piece : split(path, '/'))
        if (!piece.empty()) todo.emplace_back(piece);
    const auto here = [&] { return way.empty() ? root : way.back().get(); };
    for (unsigned links = 0; !todo.empty();) {
        const std::string piece = std::move(todo.front());
        todo.pop_front();
        if (piece == ".") continue;
        if (piece == "..") {
            if (!way.empty()) way.pop_back();
            continue;
        }
        UniqueFd next(::openat(here(), piece.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat st {};
        if (!next || ::fstat(next.get(), &st) != 0) return failed(errno);
        if (S_ISLNK(st.st_mode) && !(todo.empty() && (flags & O_NOFOLLOW) != 0)) {
            std::array<char, PATH_MAX> target{};
            const ssize_t size = ::readlinkat(next.get(), "", target.data(), target.size());
            if (size < 0) return failed(errno);
            if (++links > max_links) return failed(ELOOP);
            const std::string_view text(target.data(), static_cast<std::size_t>(size));
            if (text.starts_with('/')) way.clear();
            const auto pieces = split(text, '/');
            for (auto it = pieces.rbegin(); it != pieces.rend(); ++it)
                if (!it->empty()) todo.emplace_front(*it);
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            way.push_back(std::move(next));
            continue;
        }
        if (!todo.empty()) return failed(ENOTDIR);
        if ((flags & O_PATH) != 0 && (flags & O_DIRECTORY) == 0) return next;
        // By name again, as an O_PATH descriptor cannot be read: a link that has come since is refused.
        UniqueFd file(::openat(here(), piece.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
        return file ? std::move(file) : failed(errno);
    }
    UniqueFd directory(::openat(here(), ".", flags | O_CLOEXEC));
    return directory ? std::move(directory) : failed(errno);
}

UniqueFd open_in_root(int root, std::string_view path, int flags) {
    const std::string name = path.empty() ? "." : std::string(path);
    if (name.find('\0') != std::string::npos) return failed(ENOENT);
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (unsigned attempt = 0; attempt < max_attempts; ++attempt) {
        const long fd = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how);
        if (fd >= 0) return UniqueFd(static_cast<int>(fd));
        // Sandboxes of containers answer EPERM to calls that they do not know.
        if (errno == ENOSYS || errno == EPERM) return open_in_root_by_hand(root, name, flags);
        if (errno != EAGAIN && errno != EINTR) return UniqueFd();
    }
    return UniqueFd();
}

TreePath::TreePath(std::filesystem::path root, std::string_view below)
    : root_(std::make_shared<const Root>(std::move(root))), path_(without_leading_slashes(below)) {}

std::filesystem::path TreePath::host() const {
    if (!root_) return path_;
    return path_.empty() ? root_->path : root_->path / path_;
}

TreePath TreePath::operator/(std::string_view name) const {
    if (!root_) return {std::filesystem::path(path_) / name};
    TreePath path;
    path.root_ = root_;
    name = without_leading_slashes(name);
    path.path_.reserve(path_.size() + 1 + name.size());
    path.path_ = path_;
    if (!path_.empty()) path.path_ += '/';
    path.path_ += name;
    return path;
}

bool TreePath::operator==(const TreePath& other) const {
    const bool same_root = root_ == other.root_ || (root_ && other.root_ && root_->path == other.root_->path);
    return same_root && path_ == other.path_;
}

UniqueFd TreePath::try_open(int flags) const {
    if (root_) {
        if (root_->directory) return open_in_root(root_->directory.get(), path_, flags);
        const UniqueFd root = open_root(root_->path); // it may exist by now, or the error says why not
        return root ? open_in_root(root.get(), path_, flags) : UniqueFd();
    }
    int fd = -1;
    do {
        fd = ::open(path_.c_str(), flags | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return UniqueFd(fd);
}

Result<UniqueFd> TreePath::open(int flags) const {
    UniqueFd fd = try_open(flags);
    if (!fd) return fail_errno(string(), "cannot open", errno);
    return fd;
}

Result<bool> is_there(const TreePath& path) {
    if (path.try_open(O_PATH | O_NOFOLLOW)) return true;
    if (is_absence(errno)) return false;
    return fail_errno(path.string(), "cannot be examined", errno);
}

bool is_directory(const TreePath& path) {
    return bool(path.try_open(O_PATH | O_DIRECTORY));
}

bool is_regular(const TreePath& path) {
    struct stat st {};
    const UniqueFd fd = path.try_open(O_PATH);
    return fd && ::fstat(fd.get(), &st) == 0 && S_ISREG(st.st_mode);
}

namespace {

// Takes the descriptor, which closedir closes.
Result<std::vector<std::string>> list_and_close(UniqueFd fd, const TreePath& path) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd.get()), ::closedir);
    if (!directory) return fail_errno(path.string(), "cannot be listed", errno);
    (void)fd.release();
    for (;;) {
        errno = 0; // only this tells an error of readdir from the end
        const dirent* item = ::readdir(directory.get());
        if (item == nullptr) break;
        const std::string_view name = item->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail_errno(path.string(), "cannot be listed", errno);
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

Result<std::vector<std::string>> list_directory(const TreePath& path) {
    UniqueFd fd = path.try_open(O_RDONLY | O_DIRECTORY);
    if (fd) return list_and_close(std::move(fd), path);
    if (is_absence(errno)) return {};
    return fail_errno(path.string(), "cannot be listed", errno);
}

Result<std::vector<std::string>> list_directory(const UniqueFd& directory, const TreePath& name) {
    UniqueFd copy(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!copy) return fail_errno(name.string(), "cannot be listed", errno);
    return list_and_close(std::move(copy), name);
}

} // namespace mkpxerd
