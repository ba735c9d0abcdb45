// SPDX-License-Identifier: MIT
// Files inside the new root. Paths are as a program in the new root sees them, and links are followed inside
// the root.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Where a file of the new root is. nullopt: it does not exist.
std::optional<std::filesystem::path> find_in_root(const System& system, std::string_view path);
// The content of a file of the new root. "" if it does not exist.
Result<std::string> read_in_root(const System& system, std::string_view path);

// Where a directory of the new root is; creates it and its parents if necessary.
Result<std::filesystem::path> make_root_directory(const System& system, std::string_view path,
                                                  unsigned mode = 0755);

// Writes a file at a place from find_in_root() or in a directory from make_root_directory(). Replaces a link,
// so that a link from an apkovl cannot redirect the write.
Result<void> replace_file(const std::filesystem::path& place, std::string_view content, unsigned mode = 0644);

// Writes a file of the new root unless something has its name, even a dangling link. Makes its parents.
// Returns whether it wrote.
Result<bool> write_if_missing(const System& system, const std::string& path, std::string_view content,
                              unsigned mode = 0644);

// Adds lines to an existing file; ends its last line first.
Result<void> append_lines(const std::filesystem::path& place, std::string_view lines);

} // namespace mkpxerd::netboot
