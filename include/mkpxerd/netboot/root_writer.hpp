// SPDX-License-Identifier: MIT
// Writes an archive into a root, beneath it and nowhere else: names with ".." or a leading "/" are refused,
// and links on the way are resolved as if the root were "/" (openat2(2), RESOLVE_IN_ROOT).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::netboot {

class RootWriter {
  public:
    // Errors: also MPX-TAR-06, a kernel without openat2(2).
    static Result<RootWriter> open(const std::filesystem::path& root);

    // Writes one entry, its content taken from the reader. What is in the way is replaced, folders are kept.
    // Errors (MPX-TAR-02 a name that leads outside, MPX-TAR-03 no space, MPX-TAR-04 anything else) name the
    // entry. An extended attribute that the file system refuses is no error.
    Result<void> write(const wrap::TarEntry& entry, wrap::TarReader& content);
    // Sets the times of the folders, which writing into them has changed.
    Result<void> finish();
    // What of files could not be kept: one text a kind of attribute.
    std::vector<std::string> lost_attributes() const;

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
    void keep_attributes(const wrap::TarEntry& entry, const Place& at);
    void lose(std::string_view kind, std::string_view first);

    struct Lost {
        std::size_t count = 0;
        std::string first; // and why
    };

    UniqueFd root_;
    std::map<std::string, Lost, std::less<>> lost_; // by kind: "user.*"
    std::vector<wrap::TarEntry> folders_;           // whose times are set last
};

struct Unpacked {
    std::vector<std::string> names;    // of the entries as stored, but for a leading "/", in order
    std::vector<std::string> warnings; // one line each; the archive is not named in them
};

// Unpacks a tar archive (gzip or plain) into a root. Absolute names, as of `tar -P`, are taken as relative.
// Errors: those of RootWriter, MPX-TAR-01 for an archive that is damaged or none, MPX-TAR-05 and MPX-OVL-01
// for one that is packed or encrypted in a form that is not read.
Result<Unpacked> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& root);

} // namespace mkpxerd::netboot
