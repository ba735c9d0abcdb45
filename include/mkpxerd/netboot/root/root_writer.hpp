// SPDX-License-Identifier: MIT
// Writes archive entries into a root, beneath it and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/root/entry_attributes.hpp"
#include "mkpxerd/netboot/root/entry_place.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::netboot {

// Bytes of memory that may still be filled.
using FreeMemory = std::function<std::uint64_t()>;
std::uint64_t memory_for_archives(); // all but what the kernel and the init need

// Keeps no list of what it has written: its memory does not grow with the archive.
class RootWriter {
  public:
    // Errors: those of RootDirectory::open().
    static Result<RootWriter> open(const std::filesystem::path& root, FreeMemory free_memory);

    // Writes one entry with the content from the reader. Replaces an existing file, keeps an existing
    // directory, and does not change the times of directories. Errors (MPX-TAR-02 a name that leads out of
    // the root, MPX-TAR-03 no space or no memory, MPX-TAR-04 anything else) name the entry.
    Result<void> write(const wrap::TarEntry& entry, wrap::TarReader& content);
    // One text for each kind of attribute that could not be kept.
    std::vector<std::string> lost_attributes() const { return attributes_.lost(); }

  private:
    RootWriter(RootDirectory root, FreeMemory free_memory)
        : root_(std::move(root)), free_memory_(std::move(free_memory)) {}
    Result<void> copy_content(const wrap::TarEntry& entry, int fd, wrap::TarReader& content);
    Result<void> count(const wrap::TarEntry& entry, std::uint64_t bytes);
    Result<void> write_directory(const wrap::TarEntry& entry, const EntryPlace& at);
    Result<void> write_regular(const wrap::TarEntry& entry, const EntryPlace& at, wrap::TarReader& content);
    Result<void> write_hardlink(const wrap::TarEntry& entry, const EntryPlace& at);
    Result<void> write_special(const wrap::TarEntry& entry, const EntryPlace& at);

    RootDirectory root_;
    FreeMemory free_memory_;
    ExtendedAttributes attributes_;
    std::uint64_t written_ = 0;    // bytes of memory taken so far, about
    std::uint64_t checked_at_ = 0; // written_ at the last check of the memory
};

} // namespace mkpxerd::netboot
