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

// Bytes of memory that may still be filled.
using FreeMemory = std::function<std::uint64_t()>;
std::uint64_t memory_for_archives(); // all but what the kernel and the init need

// Remembers nothing of what it has written: its memory does not grow with the archive.
class RootWriter {
  public:
    // Errors: also MPX-TAR-06, a kernel without openat2(2).
    static Result<RootWriter> open(const std::filesystem::path& root, FreeMemory free_memory);

    // Writes one entry, its content taken from the reader. What is in the way is replaced, directories are
    // kept. The times of directories stay as they are. Errors (MPX-TAR-02 a name that leads outside,
    // MPX-TAR-03 no space or no memory, MPX-TAR-04 anything else) name the entry. An extended attribute that
    // the file system refuses, or beyond 64 attributes or 64 KiB of them, is no error.
    Result<void> write(const wrap::TarEntry& entry, wrap::TarReader& content);
    // What of files could not be kept: one text a kind of attribute.
    std::vector<std::string> lost_attributes() const;

  private:
    struct Place {
        UniqueFd directory;
        std::string name; // empty: the root itself
    };
    RootWriter(UniqueFd root, FreeMemory free_memory)
        : root_(std::move(root)), free_memory_(std::move(free_memory)) {}
    Result<Place> place(const std::string& entry_path, bool make_parents);
    Result<UniqueFd> open_beneath(const std::string& path) const;
    Result<UniqueFd> make_directories(const std::string& path);
    std::size_t existing_part(const std::string& path) const;
    Result<void> copy_content(const wrap::TarEntry& entry, int fd, wrap::TarReader& content);
    Result<void> count(const wrap::TarEntry& entry, std::uint64_t bytes);
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
    FreeMemory free_memory_;
    std::uint64_t written_ = 0; // bytes that what was made takes, about
    std::uint64_t looked_at_ = 0;
    std::map<std::string, Lost, std::less<>> lost_; // by kind: "user.*"
};

struct UnpackOptions {
    bool keep_names = true;
    FreeMemory free_memory = memory_for_archives;
};

struct Unpacked {
    std::size_t entries = 0;
    std::vector<std::string> names;    // of the entries as stored, but for a leading "/", in order; if kept
    std::vector<std::string> warnings; // one line each; the archive is not named in them
};

// Unpacks a tar archive (gzip or plain) into a root. Absolute names, as of `tar -P`, are taken as relative.
// Errors: those of RootWriter, MPX-TAR-01 for an archive that is damaged or none, MPX-TAR-05 and MPX-OVL-01
// for one that is packed or encrypted in a form that is not read, MPX-TAR-07 for one that asks for more than
// it may: see TarReader::next(), and names that are kept may take 16 MiB.
Result<Unpacked> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& root,
                            const UnpackOptions& options = {});

} // namespace mkpxerd::netboot
