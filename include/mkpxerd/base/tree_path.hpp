// SPDX-License-Identifier: MIT
// A path and the tree that it may not lead out of. Whoever has filled the tree may have put links into it
// that lead to files of this machine, pipes that nobody writes to, and may change it while it is read: what
// is below a tree is opened through this class alone, and what was opened is what is read.
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
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
        : host_(host) {} // NOLINT(google-explicit-constructor): a path is one of these
    // Below the root of a tree; a leading slash means that root.
    TreePath(std::filesystem::path root, std::string_view below);

    bool empty() const { return host_.empty(); }
    bool is_in_tree() const { return root_.has_value(); }
    // Where it lies on this machine, for messages: never to be opened by this name.
    const std::filesystem::path& host() const { return host_; }
    std::string string() const { return host_.string(); }
    TreePath operator/(std::string_view name) const;
    bool operator==(const TreePath&) const = default;

    // Opens it (flags | O_CLOEXEC): below a tree links are resolved as in a chroot (openat2(2),
    // RESOLVE_IN_ROOT; by hand where the kernel or a sandbox has no such call). Errors: name the path.
    Result<UniqueFd> open(int flags) const;
    // The same; when it fails the descriptor is empty and errno says why.
    UniqueFd try_open(int flags) const;

  private:
    std::filesystem::path host_;
    std::optional<std::filesystem::path> root_;
    std::string below_; // of root_
};

// Opens a path as a process whose root is that folder would, but for the links that the kernel makes up
// (/proc/PID/fd). flags: of open(2), none that makes a file. Sets errno and returns an empty descriptor when
// it fails.
UniqueFd open_in_root(int root, std::string_view path, int flags);
// The same with the kernel's links followed by hand: for a kernel before 5.6 (openat2), and for its tests.
UniqueFd open_in_root_by_hand(int root, std::string_view path, int flags);

// Whether anything lies there, a dangling link included. Errors: whatever keeps one from knowing.
Result<bool> is_there(const TreePath& path);
// Whether it is a folder, links followed. What cannot be looked at is none.
bool is_folder(const TreePath& path);
// The same of a regular file, readable or not.
bool is_regular(const TreePath& path);
// The names in a folder, sorted by bytes; none when nothing lies there. Errors: it cannot be listed.
Result<std::vector<std::string>> list_folder(const TreePath& path);

} // namespace mkpxerd
