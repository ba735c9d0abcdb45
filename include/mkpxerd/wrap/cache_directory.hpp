// SPDX-License-Identifier: MIT
// The directory of the cache: what is in it goes into images, so it is one's own, or none. It belongs to the
// user that runs, nobody else may write in it, and neither it nor anything on the way to it is a link of
// somebody else.
#pragma once

#include <filesystem>
#include <optional>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::wrap {

// Opens it. Made if asked for, with mode 0700 whatever the umask, and so are directories on the way; one of
// our own that others could write in is closed to them. None: there is none, or it is refused.
UniqueFd open_cache_directory(const std::filesystem::path& directory, bool make);

// Why a directory that is there, or could be made, is done without. None: nothing is wrong with it.
std::optional<Problem> cache_refusal(const std::filesystem::path& directory);

// A directory of ours, open to nobody else for writing, right below another one.
UniqueFd open_own_directory(int at, const char* name, bool make);
// Whether what is open is of this type (S_IFMT), belongs to us, and nobody else may write to it.
bool is_own(const UniqueFd& fd, unsigned type);

} // namespace mkpxerd::wrap
