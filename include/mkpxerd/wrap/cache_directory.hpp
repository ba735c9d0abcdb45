// SPDX-License-Identifier: MIT
// The cache directory. Its content goes into images, so it must belong to this user, no other user may write
// in it, and no link of another user may lead to it.
#pragma once

#include <filesystem>
#include <optional>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::wrap {

// Opens it. make: creates it and its parents with mode 0700, regardless of the umask; removes write access of
// others from our own. Empty: it does not exist, or is refused.
UniqueFd open_cache_directory(const std::filesystem::path& directory, bool make);

// Why an existing or possible directory is not used. nullopt: it is used.
std::optional<Problem> cache_refusal(const std::filesystem::path& directory);

// A directory directly below another one that only this user can write to.
UniqueFd open_own_directory(int at, const char* name, bool make);
// Whether the open file has this type (S_IFMT), belongs to us, and no other user may write to it.
bool is_own(const UniqueFd& fd, unsigned type);

} // namespace mkpxerd::wrap
