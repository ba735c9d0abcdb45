// SPDX-License-Identifier: MIT
// A directory of files for servers: filled where nobody looks, then published. A new one appears whole. In
// one that is there each file is replaced at once and the directory itself stays, since servers may have it
// open, exported or as their root. What tells a bundle from other directories is a file that nothing else
// writes, .mkpxerd-bundle: many things have a SHA256SUMS.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/deploy/held_directory.hpp"

namespace mkpxerd::deploy {

class BundleDirectory {
  public:
    // Errors: a target that is there and neither an empty directory nor a bundle; a place that cannot be
    // written; a link of somebody else on the way. What runs that were killed have left beside it goes.
    // Nothing in the directory is reached through a link, and no pipe in it is waited for.
    static Result<BundleDirectory> create(const std::filesystem::path& target);
    BundleDirectory(BundleDirectory&& other) noexcept;
    BundleDirectory& operator=(BundleDirectory&&) = delete;
    BundleDirectory(const BundleDirectory&) = delete;
    BundleDirectory& operator=(const BundleDirectory&) = delete;
    // Without publish() nothing is left behind and the target is as it was.
    ~BundleDirectory();

    // Where a file of the bundle lies for now; its parents are made.
    Result<std::filesystem::path> place(const std::string& name) const;
    // A text that leads to other files: it is published behind all those that are placed and copied.
    Result<void> write(const std::string& name, std::string_view content);
    // A source that has this very place in the target is the user's own and stays when bundles have it no
    // more. mode: permission bits of the copy, which nobody reads before it has them.
    Result<void> copy(const std::string& name, const TreePath& source, unsigned mode = 0644);

    // Takes a file over from the older bundle, where that says by a text of this content, and by its sums,
    // that it is the same. false: it is to be made anew.
    Result<bool> reuse(const std::string& name, const std::string& witness, std::string_view content);
    // An error of whoever wrote to place(), by the names that the user knows.
    Error as_named(const Error& error) const;
    // Whether the directory that servers will see can be changed by us and root alone.
    bool is_trusted() const { return around_.is_trusted(); }

    // Writes SHA256SUMS and gives every file its name in the target: first what is loaded, then the texts
    // that lead to it, SHA256SUMS last. Files that an older bundle had and this one has not go, if they are
    // as they were written; those that others put there (scripts of single machines, apkovls) stay.
    Result<void> publish();

  private:
    BundleDirectory(std::filesystem::path path, std::string name, HeldDirectory around, HeldDirectory staged,
                    UniqueFd in_use)
        : path_(std::move(path)), name_(std::move(name)), around_(std::move(around)),
          staged_(std::move(staged)), in_use_(std::move(in_use)) {}
    Result<std::vector<std::string>> write_sums(const std::set<std::string>& kept_before);
    Result<void> move_into(const HeldDirectory& target, const std::vector<std::string>& own) const;

    std::filesystem::path path_; // of the target
    std::string name_;           // of the target in around_, where it was not there; empty: around_ is it
    HeldDirectory around_;       // what the staged directory lies in
    HeldDirectory staged_;
    bool is_staged_ = true; // false: it became the target
    UniqueFd in_use_;       // locked, so that no other run takes staged_ for a left one
    std::set<std::string> texts_;
    std::set<std::string> kept_; // the user's own files among those of the bundle
};

// What the SHA256SUMS of a bundle name: path -> SHA-256, hexadecimal. Empty: there is no such file. Errors: a
// line that is none of these, as what is named there would go without its check.
Result<std::map<std::string, std::string>> read_sums(const std::filesystem::path& bundle);

// The SHA-256 of a file, hexadecimal.
Result<std::string> file_sha256(const std::filesystem::path& file);

} // namespace mkpxerd::deploy
