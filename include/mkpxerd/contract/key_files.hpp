// SPDX-License-Identifier: MIT
// The directory of the keys for signed objects. Every file in it must be a key: its owner would rely on one
// that was silently ignored.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

inline constexpr std::size_t largest_key_file = 64 << 10; // bytes
// Takes the place of a root's hash: the root may be a device or an NFS export, which cannot be verified.
inline constexpr std::string_view pin_any = "any";

// Everything in the directory, whatever its name, sorted. Empty: there is no such directory.
// Errors (MPX-FETCH-11): it is not a directory, cannot be read or is empty.
Result<std::vector<std::filesystem::path>> list_key_files(const std::filesystem::path& directory);

// The error for a bad key or directory: code MPX-FETCH-11.
tl::unexpected<Error> no_key(std::string object, std::string text);

} // namespace mkpxerd
