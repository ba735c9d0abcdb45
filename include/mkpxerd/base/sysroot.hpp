// SPDX-License-Identifier: MIT
// A foreign file tree: paths are resolved inside it, and links never lead out of it.
// An absolute link target starts at the root of the tree, ".." above the root stays at the root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd {

// Paths inside a Sysroot are relative texts without leading slash and without "." and ".."; "" is its root.
class Sysroot {
  public:
    explicit Sysroot(std::filesystem::path root) : top_(std::move(root), "") {}

    std::filesystem::path root() const { return top_.host(); }

    struct Entry {
        enum class Kind { Regular, Directory, Link, Other };
        Kind kind = Kind::Other;
        unsigned mode = 0; // permission bits, setuid and so on included
        std::uint64_t size = 0;
        std::uint64_t inode = 0;
        std::uint64_t device = 0;
        std::uint64_t links = 1;
        std::string target; // of a link, as written
    };

    struct Resolved {
        std::string path;               // where it really is; no component is a link
        std::vector<std::string> links; // every link passed on the way, in order, each at its real place
    };

    // Follows all links. nullopt: does not exist (or a loop of links).
    std::optional<Resolved> resolve(std::string_view path) const;
    // The same; an unreadable directory or a loop of links is a problem.
    std::optional<Resolved> resolve(std::string_view path, Problems& unreadable) const;
    // Follows the links in the parent directories only: the last component is named as it stands, link or
    // not.
    std::optional<Resolved> resolve_parent(std::string_view path) const;

    // lstat of a path whose parents hold no links. nullopt: does not exist.
    std::optional<Entry> entry(std::string_view real_path) const;
    // Names in a directory, sorted by bytes. Empty: none, or not a directory, or one that cannot be read.
    std::vector<std::string> list(std::string_view real_path) const;
    // The same. Errors: the directory exists but cannot be read.
    Result<std::vector<std::string>> read_directory(std::string_view real_path) const;

    // All paths that match a shell pattern (leading slash optional; '*' does not match a leading dot),
    // sorted. Links in parent directories are followed, but the paths are spelled as in the pattern.
    std::vector<std::string> glob(std::string_view pattern) const;
    // The same; each unreadable directory or loop of links on the path is a problem.
    std::vector<std::string> glob(std::string_view pattern, Problems& unreadable) const;

    // Where a real path lies on this machine, for messages.
    std::filesystem::path host(std::string_view real_path) const { return root() / real_path; }
    // A path to be opened: links are followed inside the tree.
    TreePath file(std::string_view path) const { return top_ / path; }

  private:
    std::optional<Entry> look(std::string_view real_path, Problems& unreadable) const;
    std::optional<Resolved> walk(std::string_view path, bool follow_last, Problems& unreadable) const;
    TreePath top_; // the root, held open
};

// "/a//b/./c/" -> "a/b/c"; ".." is folded, and stays at the root there.
std::string clean_path(std::string_view path);

} // namespace mkpxerd
