// SPDX-License-Identifier: MIT
// An open directory and the files below it. All access uses its descriptor and follows no link, so that a
// user who can write in it or rename it cannot redirect reads, writes or deletions. No function waits for a
// pipe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::deploy {

class HeldDirectory {
  public:
    // Follows links on the path as find_output_directory() does. make: creates missing directories, with
    // mode 0755 whatever the umask. Errors: it does not exist; a refused directory or link on the path.
    static Result<HeldDirectory> open(const std::filesystem::path& named, bool make = false);
    // The directory at such a place, or its parent.
    static Result<HeldDirectory> at(const OutputPlace& place);
    // A directory directly below this one. Errors: it does not exist; it is a link or a file.
    Result<HeldDirectory> open_below(const std::string& name) const;
    // A new private directory directly below. Its name is the prefix and this many random characters.
    Result<HeldDirectory> make_below(const std::string& prefix, std::size_t characters) const;

    // A regular file below; all names are relative paths without "..". Errors: it is another kind of file; a
    // link on the path.
    Result<UniqueFd> open_file(const std::string& name) const;
    // The whole file. Errors: also more bytes than limit.
    Result<std::string> read(const std::string& name, std::size_t limit) const;
    Result<std::string> sha256(const std::string& name) const;
    bool has_file(const std::string& name) const;
    // A regular file that only this user and root can have written.
    bool has_trusted_file(const std::string& name) const;
    // Creates or overwrites a file, with mode 0644 regardless of the umask; creates directories on its path.
    Result<void> write(const std::string& name, std::string_view content) const;
    // The same with the content of an open file; the copy has its mode from its creation on.
    Result<void> copy(const std::string& name, const UniqueFd& from, const std::filesystem::path& source,
                      unsigned mode = 0644) const;
    // Renames a file from another directory on the same file system into this one, and replaces a file of
    // that name.
    Result<void> take(const HeldDirectory& from, const std::string& name) const;
    Result<void> make_parents(const std::string& name) const;
    void remove(const std::string& name) const;
    // Removes a directory right below if it is empty.
    void remove_empty(const std::string& name) const;
    // Removes it with its content, as far as possible.
    void remove_tree(const std::string& name) const;

    // Names right below, sorted.
    std::vector<std::string> names() const;
    // Files and links below, as paths from here, sorted.
    std::vector<std::string> files() const;
    // wait: until the lock is free.
    Result<UniqueFd> lock(bool wait = true) const;
    // Whether only this user and root can replace its entries; a sticky bit protects them from others.
    bool is_trusted() const;
    bool is_own() const;

    int fd() const { return fd_.get(); }
    // As the user named it, for messages.
    const std::filesystem::path& path() const { return path_; }
    // A name of this very directory for other programs; its path if there is no procfs.
    std::filesystem::path lasting_path() const;
    // A problem with that name in it, anywhere, which gets another one.
    Problem as_named(Problem problem, const std::filesystem::path& name) const;
    void set_mode(unsigned mode) const;

  private:
    HeldDirectory(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
    // The directory that a name lies in.
    Result<UniqueFd> parent_of(const std::string& name, bool make) const;
    Result<UniqueFd> create(const std::string& name, unsigned mode) const;
    void list(const UniqueFd& at, const std::string& prefix, std::vector<std::string>& found) const;

    UniqueFd fd_;
    std::filesystem::path path_;
};

} // namespace mkpxerd::deploy
