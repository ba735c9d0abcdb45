// SPDX-License-Identifier: MIT
// Reads a tar archive, plain or gzip, entry by entry (libarchive, zlib). Writes nothing; paths are untrusted
// and as in the archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

struct TarEntry {
    enum class Kind { Regular, Directory, Symlink, Hardlink, CharacterDevice, BlockDevice, Fifo, Socket };
    std::string path; // as stored; directories may end in '/'
    Kind kind = Kind::Regular;
    unsigned mode = 0; // permission bits, setuid and so on included
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int64_t mtime = 0; // seconds since 1970
    long mtime_nanoseconds = 0;
    std::uint64_t size = 0; // bytes of a regular file
    std::string target;     // of a link
    unsigned device_major = 0;
    unsigned device_minor = 0;
    // Extended attributes, from SCHILY.xattr.* (GNU tar, star) and LIBARCHIVE.xattr.* (bsdtar).
    struct Attribute {
        std::string name; // "security.capability"
        std::string value;
    };
    std::vector<Attribute> attributes;
    bool has_acl = false; // an access control list beyond the mode, which is not read
};

class TarReader {
  public:
    struct Block {
        std::uint64_t offset = 0;         // in the file; bytes between blocks are zero
        std::span<const std::byte> bytes; // valid until the next call
    };

    // Limits of what an archive may take.
    struct Bounds {
        std::uint64_t header = std::uint64_t{2} << 20; // bytes of the header of one entry, with all its parts
        std::uint64_t entries = 65536;                 // and one more for each 6 bytes of the file
    };

    // Errors name the archive; what is compressed or encrypted in a form that is not read has a code
    // (MPX-TAR-05, MPX-OVL-01).
    static Result<TarReader> open(const std::filesystem::path& path) { return open(path, {}); }
    static Result<TarReader> open(const std::filesystem::path& path, const Bounds& bounds);
    TarReader(TarReader&&) noexcept;
    TarReader& operator=(TarReader&&) noexcept;
    ~TarReader();

    // nullopt: the end of an intact file, read completely. Errors: as of open(); MPX-TAR-07 with the limit,
    // for a header of more than 2 MiB with all its parts, a name or link target of 4096 bytes or more, more
    // entries than 65536 and one for each 6 bytes read from the file.
    Result<std::optional<TarEntry>> next();
    // Content of the current entry, block by block; nullopt: its end.
    Result<std::optional<Block>> read();

  private:
    struct State;
    explicit TarReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mkpxerd::wrap
