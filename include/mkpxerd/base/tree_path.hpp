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
    // What the user named, or the program itself: its links lead where they lead.
    template <class Path>
    requires(!std::same_as<Path, TreePath>) && std::convertible_to<Path, std::filesystem::path> TreePath(
                                                   const Path& host)
        : path_(std::filesystem::path(host).string()) {} // NOLINT(google-explicit-constructor): it is one
    // Below the root of a tree; a leading slash means that root. The root is opened here, and what is below
    // this path or a copy of it is what is below that directory, whatever has its name by then.
    TreePath(std::filesystem::path root, std::string_view below);

    bool empty() const { return !root_ && path_.empty(); }
    bool is_in_tree() const { return root_ != nullptr; }
    // Where it lies on this machine, for messages: never to be opened by this name.
    std::filesystem::path host() const;
    std::string string() const { return root_ ? host().string() : path_; }
    // In a tree a leading slash of the name counts for nothing; elsewhere it begins anew, as of any path.
    TreePath operator/(std::string_view name) const;
    // The same name below the same name of a root.
    bool operator==(const TreePath& other) const;

    // Opens it (flags | O_CLOEXEC): below a tree links are resolved as in a chroot (openat2(2),
    // RESOLVE_IN_ROOT; by hand where the kernel or a sandbox has no such call). Errors: name the path.
    Result<UniqueFd> open(int flags) const;
    // The same; when it fails the descriptor is empty and errno says why.
    UniqueFd try_open(int flags) const;

  private:
    struct Root;
    std::shared_ptr<const Root> root_; // none: a path of this machine
    std::string path_;                 // below the root
};

constexpr unsigned most_links = 40; // on one way, as the kernel: MAXSYMLINKS, include/linux/namei.h

// Nothing exists at a path that fails so; any other error number hides what is there.
bool is_absence(int error_number);

// Opens a path as a process whose root is that directory would, but for the links that the kernel makes up
// (/proc/PID/fd). flags: of open(2), none that makes a file. Sets errno and returns an empty descriptor when
// it fails.
UniqueFd open_in_root(int root, std::string_view path, int flags);
// The same with the kernel's links followed by hand: for a kernel before 5.6 (openat2), and for its tests.
UniqueFd open_in_root_by_hand(int root, std::string_view path, int flags);

// Whether anything exists there, a dangling link included. Errors: this cannot be determined.
Result<bool> is_there(const TreePath& path);
// Whether it is a directory, links followed. False if it cannot be examined.
bool is_directory(const TreePath& path);
// The same of a regular file, readable or not.
bool is_regular(const TreePath& path);
// The names in a directory, sorted by bytes; none when nothing lies there. Errors: it cannot be listed.
Result<std::vector<std::string>> list_directory(const TreePath& path);

} // namespace mkpxerd
