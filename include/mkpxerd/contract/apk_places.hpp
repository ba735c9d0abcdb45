// SPDX-License-Identifier: MIT
// The files of apk, below the root of an image or of a system. contract/image_paths has the program.
#pragma once

#include <string_view>

namespace mkpxerd {

inline constexpr std::string_view apk_keys = "etc/apk/keys";
inline constexpr std::string_view apk_arch = "etc/apk/arch";
inline constexpr std::string_view apk_world = "etc/apk/world";
inline constexpr std::string_view apk_repositories = "etc/apk/repositories";
inline constexpr std::string_view apk_repository_lists = "etc/apk/repositories.d"; // *.list
// Public keys of signed modloops lie here, too, as "*modloop*.SIGN.RSA.*.pub".
inline constexpr std::string_view apk_cached_keys = "var/cache/misc";

} // namespace mkpxerd
