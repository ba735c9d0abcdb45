// SPDX-License-Identifier: MIT
// Files -> a tar archive (POSIX.1-1988 ustar), for a program or a server. All entries are owned by root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::deploy {

class TarWriter {
  public:
    using Sink = std::function<Result<void>(std::span<const std::byte>)>;
    // mtime: of every entry, seconds since 1970.
    TarWriter(Sink sink, std::int64_t mtime) : sink_(std::move(sink)), mtime_(mtime) {}

    // Whether ustar can hold the path.
    static bool holds(const std::string& path);
    // Paths without leading slash, parents first. Errors: those of the sink; a path that is too long for
    // ustar (256 bytes, 100 for a link's target); an unreadable file.
    Result<void> add_directory(const std::string& path);
    Result<void> add_link(const std::string& path, const std::string& target);
    Result<void> add_file(const std::string& path, std::span<const std::byte> content, unsigned mode);
    Result<void> add_file(const std::string& path, const TreePath& source, unsigned mode);
    // The end of the archive.
    Result<void> finish();

  private:
    Result<void> write_header(const std::string& path, char type, unsigned mode, std::uint64_t size,
                              const std::string& target);

    Sink sink_;
    std::int64_t mtime_;
};

} // namespace mkpxerd::deploy
