// SPDX-License-Identifier: MIT
// Where the steps of the boot put things for each other.
#pragma once

#include <string_view>

namespace mkpxerd::netboot {

// Where the new root is mounted until it takes the place of "/".
inline constexpr std::string_view new_root = "/newroot";
inline constexpr std::string_view alpine_media = "/media/alpine";
// /run is moved into the new root, so that what a root needs for longer may lie here.
inline constexpr std::string_view run_downloads = "/run/mkpxerd/downloads";
// On the file system of a root in memory, so that a file is moved to its place and not copied.
inline constexpr std::string_view root_downloads = "/newroot/.mkpxerd";

} // namespace mkpxerd::netboot
