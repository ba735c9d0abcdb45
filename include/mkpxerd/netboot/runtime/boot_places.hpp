// SPDX-License-Identifier: MIT
// Places in the file system that phases of the boot share.
#pragma once

#include <string_view>

namespace mkpxerd::netboot {

// Where the new root is mounted until it takes the place of "/".
inline constexpr std::string_view new_root = "/newroot";
inline constexpr std::string_view alpine_media = "/media/alpine";
// /run moves into the new root, so that files that the root needs after the hand-over may lie here.
inline constexpr std::string_view run_downloads = "/run/mkpxerd/downloads";
// On the file system of a root in memory, so that a file can be renamed to its place instead of copied.
inline constexpr std::string_view root_downloads = "/newroot/.mkpxerd";

} // namespace mkpxerd::netboot
