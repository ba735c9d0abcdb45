// SPDX-License-Identifier: MIT
// A directory of files for servers: filled in a staging directory, then published. A new bundle appears
// complete. In an existing one each file is replaced atomically, and the directory itself stays, since
// servers may have it open, exported or as their root. The file .mkpxerd-bundle marks a bundle; SHA256SUMS
// does not, since other directories have one as well.
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
#include "mkpxerd/deploy/bundle/held_directory.hpp"

namespace mkpxerd::deploy {

class BundleDirectory {
  public:
    // Errors: the target exists and is neither an empty directory nor a bundle; it cannot be written; its
    // path has a link of another user. Removes leftovers of killed runs beside it. Never follows a link in
    // the directory, and never waits for a pipe in it.
    static Result<BundleDirectory> create(const std::filesystem::path& target);
    BundleDirectory(BundleDirectory&& other) noexcept;
    BundleDirectory& operator=(BundleDirectory&&) = delete;
    BundleDirectory(const BundleDirectory&) = delete;
    BundleDirectory& operator=(const BundleDirectory&) = delete;
    // Without publish() nothing is left behind and the target stays unchanged.
    ~BundleDirectory() { discard(); }
    // The same now, whoever still writes there: all that can be done after it is to end.
    void discard() const;

    // The temporary place of a file of the bundle; creates its parents.
    Result<std::filesystem::path> place(const std::string& name) const;
    // A text that refers to other files: published after all placed and copied files.
    Result<void> write(const std::string& name, std::string_view content);
    // A source that already is at this place in the target belongs to the user and stays when later bundles
    // lack it. mode: permission bits of the copy from its creation on.
    Result<void> copy(const std::string& name, const TreePath& source, unsigned mode = 0644);

    // Reuses a file of the older bundle, if the text `witness` there has this content and the hashes match.
    // false: create it again.
    Result<bool> reuse(const std::string& name, const std::string& witness, std::string_view content);
    // What went wrong with a file of place(), with its final name.
    Error as_named(const Error& error) const;
    Problem as_named(const Problem& problem) const { return staged_.as_named(problem, path_); }
    // Whether only this user and root can change the published directory.
    bool is_trusted() const { return around_.is_trusted(); }

    // Writes SHA256SUMS and gives every file its name in the target: first the files that machines load, then
    // the texts that refer to them, SHA256SUMS last. Removes files that only the older bundle has, if they
    // are unchanged. Other files (scripts of single machines, apkovls) stay.
    Result<void> publish();

  private:
    BundleDirectory(std::filesystem::path path, std::string name, HeldDirectory around, HeldDirectory staged,
                    UniqueFd in_use)
        : path_(std::move(path)), name_(std::move(name)), around_(std::move(around)),
          staged_(std::move(staged)), in_use_(std::move(in_use)) {}
    Result<std::vector<std::string>> write_sums(const std::set<std::string>& kept_before);
    Result<void> move_into(const HeldDirectory& target, const std::vector<std::string>& own) const;

    std::filesystem::path path_; // of the target
    std::string name_;           // of a new target in around_; empty: around_ is the target
    HeldDirectory around_;       // holds the staged directory
    HeldDirectory staged_;
    bool is_staged_ = true; // false: it has become the target
    UniqueFd in_use_;       // locked, so that no other run removes staged_
    std::set<std::string> texts_;
    std::set<std::string> kept_; // the user's own files in the bundle
};

// The SHA256SUMS of a bundle: path -> SHA-256, hexadecimal. Empty: there is no such file. Errors: a malformed
// line, since its file would be loaded unchecked.
Result<std::map<std::string, std::string>> read_sums(const std::filesystem::path& bundle);

// The SHA-256 of a file, hexadecimal.
Result<std::string> file_sha256(const std::filesystem::path& file);

} // namespace mkpxerd::deploy
