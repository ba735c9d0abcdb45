// SPDX-License-Identifier: MIT
// The directory of the keys that objects have to be signed with. What lies in it is a key or an error: a file
// that nobody looks at would be a key that its owner believes in.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

inline constexpr std::size_t largest_key_file = 64 << 10; // bytes
// In the place of the hash of a pinned root: it may be a device or an NFS export, which nothing can verify.
inline constexpr std::string_view pin_any = "any";

// Everything in the directory, whatever its name, sorted. Empty: there is no such directory.
// Errors (MPX-FETCH-11): it is no directory, cannot be read, or has nothing in it.
Result<std::vector<std::filesystem::path>> list_key_files(const std::filesystem::path& directory);

// The error of both: code MPX-FETCH-11.
tl::unexpected<Error> no_key(std::string object, std::string text);

} // namespace mkpxerd
