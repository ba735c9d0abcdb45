// SPDX-License-Identifier: MIT
// A path that cannot leave its tree. The owner of the tree may have put links to files of this machine or
// pipes without a writer into it, and may change it while it is read: files below a tree are opened only
// through this class, and only what was opened is read.
#pragma once

#include <concepts>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd {

class TreePath {
  public:
    TreePath() = default;
    // A path named by the user or the program itself: its links may lead anywhere.
    template <class Path>
    requires(!std::same_as<Path, TreePath>) && std::convertible_to<Path, std::filesystem::path> TreePath(
                                                   const Path& host)
        : path_(std::filesystem::path(host).string()) {} // NOLINT(google-explicit-constructor): it is one
    // Below the root of a tree; a leading slash means that root. The root is opened here: this path and its
    // copies stay in that very directory, whatever has its name later.
    TreePath(std::filesystem::path root, std::string_view below);

    bool empty() const { return !root_ && path_.empty(); }
    bool is_in_tree() const { return root_ != nullptr; }
    // Where it is on this machine, for messages: never open it by this name.
    std::filesystem::path host() const;
    std::string string() const { return root_ ? host().string() : path_; }
    // In a tree a leading slash of the name is ignored; elsewhere it replaces the path, as in
    // std::filesystem.
    TreePath operator/(std::string_view name) const;
    // Same path, and a root of the same name.
    bool operator==(const TreePath& other) const;

    // Opens it (flags | O_CLOEXEC). Below a tree, links are resolved as in a chroot: by openat2(2) with
    // RESOLVE_IN_ROOT, or by hand where the kernel or a sandbox lacks that call. Errors name the path.
    Result<UniqueFd> open(int flags) const;
    // The same; when it fails the descriptor is empty and errno says why.
    UniqueFd try_open(int flags) const;

  private:
    struct Root;
    std::shared_ptr<const Root> root_; // none: a path of this machine
    std::string path_;                 // below the root
};

constexpr unsigned max_links = 40; // on one path, as in the kernel: MAXSYMLINKS, include/linux/namei.h

// Whether this error number means that nothing exists at the path; with any other one, something may.
bool is_absence(int error_number);

// Opens a path as a process with this directory as its root would, except through magic links (/proc/PID/fd).
// flags: of open(2), without those that create a file. On failure sets errno and returns an empty descriptor.
UniqueFd open_in_root(int root, std::string_view path, int flags);
// The same without openat2(2): for kernels before 5.6, and for tests.
UniqueFd open_in_root_by_hand(int root, std::string_view path, int flags);

// Whether anything exists there, a dangling link included. Errors: this cannot be determined.
Result<bool> is_there(const TreePath& path);
// Whether it is a directory, links followed. False if it cannot be examined.
bool is_directory(const TreePath& path);
// The same for a regular file, readable or not.
bool is_regular(const TreePath& path);
// The names in a directory, sorted by bytes; none when nothing lies there. Errors: it cannot be listed.
Result<std::vector<std::string>> list_directory(const TreePath& path);
// The same for an open directory, also one opened with O_PATH; name: for messages.
Result<std::vector<std::string>> list_directory(const UniqueFd& directory, const TreePath& name);

} // namespace mkpxerd
