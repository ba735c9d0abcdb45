// SPDX-License-Identifier: MIT
// Writes an archive into a root, beneath it and nowhere else: names with ".." or a leading "/" are refused,
// and links on the way are resolved as if the root were "/" (openat2(2), RESOLVE_IN_ROOT).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::netboot {

class RootWriter {
  public:
    static Result<RootWriter> open(const std::filesystem::path& root);

    // Writes one entry, its content taken from the reader. What is in the way is replaced, folders are kept.
    // Errors (MPX-TAR-02 a name that leads outside, MPX-TAR-03 no space, MPX-TAR-04 anything else) name the
    // entry.
    Result<void> write(const wrap::TarEntry& entry, wrap::TarReader& content);
    // Sets the times of the folders, which writing into them has changed.
    Result<void> finish();

  private:
    struct Place {
        UniqueFd folder;
        std::string name; // empty: the root itself
    };
    explicit RootWriter(UniqueFd root) : root_(std::move(root)) {}
    Result<Place> place(const std::string& entry_path, bool make_parents);
    Result<UniqueFd> open_beneath(const std::string& path) const;
    Result<UniqueFd> make_folders(const std::string& path);
    Result<void> write_directory(const wrap::TarEntry& entry, const Place& at);
    Result<void> write_regular(const wrap::TarEntry& entry, const Place& at, wrap::TarReader& content);
    Result<void> write_hardlink(const wrap::TarEntry& entry, const Place& at);
    Result<void> write_special(const wrap::TarEntry& entry, const Place& at);

    UniqueFd root_;
    std::vector<wrap::TarEntry> folders_; // whose times are set last
};

// Unpacks a tar archive (gzip or plain) into a root; the names of its entries as stored, in order.
// Errors: those of RootWriter, and MPX-TAR-01 for an archive that is damaged or none.
Result<std::vector<std::string>> unpack_tar(const std::filesystem::path& archive,
                                            const std::filesystem::path& root);

} // namespace mkpxerd::netboot
