// SPDX-License-Identifier: MIT
// Owner, mode, time and extended attributes of archive entries -> files beneath the root.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/root/entry_place.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::netboot {

inline constexpr mode_t new_directory_mode = 0755; // of directories that the archive does not mention

// Owner, mode and time of an open file or directory.
Result<void> set_attributes(int fd, const wrap::TarEntry& entry);
// The same for a link or a special file, which cannot be opened.
Result<void> set_attributes_at(const EntryPlace& place, const wrap::TarEntry& entry);

// Restores the time of a directory, which the archive may have set, after a write into it.
class DirectoryTime {
  public:
    explicit DirectoryTime(int directory) : directory_(directory), known_(::fstat(directory, &st_) == 0) {}
    DirectoryTime(const DirectoryTime&) = delete;
    DirectoryTime& operator=(const DirectoryTime&) = delete;
    ~DirectoryTime();

  private:
    int directory_;
    struct stat st_ {};
    bool known_;
};

// Sets extended attributes, and counts those that could not be kept.
class ExtendedAttributes {
  public:
    // An attribute that the file system refuses, or beyond 64 attributes or 64 KiB of them, is not an error.
    void set(const EntryPlace& place, const wrap::TarEntry& entry);
    // One text for each kind of attribute that was lost.
    std::vector<std::string> lost() const;

  private:
    struct Lost {
        std::size_t count = 0;
        std::string first; // and why
    };
    void lose(std::string_view kind, std::string_view first);
    std::map<std::string, Lost, std::less<>> lost_; // by kind: "user.*"
};

} // namespace mkpxerd::netboot
