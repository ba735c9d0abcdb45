// SPDX-License-Identifier: MIT
// A directory held open, and what lies below it: reached from its descriptor and through no link, so that
// whoever may write in it, or may rename it, leads neither reads nor writes nor deletions elsewhere. Nothing
// here waits for a pipe.
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
    // Links on the way are followed as find_output_directory() has it. Missing directories are made (0777
    // less the umask) if asked for. Errors: it is not there; a directory or link on the way that is refused.
    static Result<HeldDirectory> open(const std::filesystem::path& named, bool make = false);
    // The directory that such a place is, or lies in.
    static Result<HeldDirectory> at(const OutputPlace& place);
    // A directory right below this one. Errors: it is not there; a link or a file.
    Result<HeldDirectory> open_below(const std::string& name) const;
    // A new one right below, for us alone. The name: prefix and so many characters that nobody can guess.
    Result<HeldDirectory> make_below(const std::string& prefix, std::size_t characters) const;

    // Names here are relative paths without "..". A regular file below. Errors: anything else is there; a
    // link on the way.
    Result<UniqueFd> open_file(const std::string& name) const;
    // The whole of it. Errors: also more bytes than limit.
    Result<std::string> read(const std::string& name, std::size_t limit) const;
    Result<std::string> sha256(const std::string& name) const;
    bool has_file(const std::string& name) const;
    // A regular file that only we and root can have written.
    bool has_trusted_file(const std::string& name) const;
    // A new file, or one written anew, of mode 0644 whatever the umask; directories on the way are made.
    Result<void> write(const std::string& name, std::string_view content) const;
    // The same from an open file, of that mode from the beginning.
    Result<void> copy(const std::string& name, const UniqueFd& from, const std::filesystem::path& source,
                      unsigned mode = 0644) const;
    // Renames a file from another directory on the same file system into this one, in place of what has the
    // name.
    Result<void> take(const HeldDirectory& from, const std::string& name) const;
    Result<void> make_parents(const std::string& name) const;
    void remove(const std::string& name) const;
    // A directory right below, if nothing is in it.
    void remove_empty(const std::string& name) const;
    // With all that is in it. What cannot be removed stays.
    void remove_tree(const std::string& name) const;

    // Names right below, in no order.
    std::vector<std::string> names() const;
    // Files and links below, as paths from here, sorted.
    std::vector<std::string> files() const;
    // Errors: waits until nobody else holds the lock.
    Result<UniqueFd> lock(bool wait = true) const;
    // Nobody but us, root and those whom the directory's sticky bit keeps apart can exchange what is in it.
    bool is_trusted() const;
    bool is_own() const;

    int fd() const { return fd_.get(); }
    // As it was named, for messages.
    const std::filesystem::path& path() const { return path_; }
    // A name that leads into this very directory, for other programs too; its path where there is no procfs.
    std::filesystem::path lasting_path() const;
    void set_mode(unsigned mode) const;

  private:
    HeldDirectory(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
    // The directory that a name lies in.
    Result<UniqueFd> parent_of(const std::string& name, bool make) const;
    Result<UniqueFd> create(const std::string& name, unsigned mode) const;
    void list(int at, const std::string& prefix, std::vector<std::string>& found) const;

    UniqueFd fd_;
    std::filesystem::path path_;
};

} // namespace mkpxerd::deploy
