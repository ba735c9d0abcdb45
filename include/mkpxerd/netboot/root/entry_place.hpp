// SPDX-License-Identifier: MIT
// Names of archive entries -> places beneath a root, and nowhere else. Names with ".." or a leading "/" are
// refused, and links on the way are resolved as if the root were "/" (openat2(2), RESOLVE_IN_ROOT).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::netboot {

// What went wrong with an entry, from an errno value. Codes: MPX-TAR-03 for a full file system, else
// MPX-TAR-04.
tl::unexpected<Error> entry_failure(const std::string& entry, std::string_view text, int error_number,
                                    SourcePlace place = SourcePlace::here());

struct EntryPlace {
    UniqueFd directory; // the parent, O_PATH
    std::string name;   // in it; empty: the root itself
};

class RootDirectory {
  public:
    // Errors: MPX-TAR-06 a kernel or a sandbox without openat2(2).
    static Result<RootDirectory> open(const std::filesystem::path& root);

    // make_parents: makes the parent directories that are missing. Errors: MPX-TAR-02 a name that leads out
    // of the root, and those of entry_failure().
    Result<EntryPlace> place(const std::string& entry, bool make_parents) const;
    // Is the entry a directory, links followed? Errors: it is not.
    Result<void> check_directory(const std::string& entry) const;

  private:
    explicit RootDirectory(UniqueFd root) : root_(std::move(root)) {}
    Result<UniqueFd> open_beneath(const std::string& path) const;
    Result<UniqueFd> make_directories(const std::string& path) const;
    std::size_t existing_part(const std::string& path) const;
    UniqueFd root_;
};

} // namespace mkpxerd::netboot
