// SPDX-License-Identifier: MIT
// Places in the file system that phases of the boot share.
#pragma once

#include <string_view>

#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd::netboot {

inline constexpr std::string_view alpine_media = "/media/alpine";
// /run moves into the new root: files that the root needs after the hand-over may be here.
inline constexpr std::string_view run_directory = "/run/mkpxerd";
inline constexpr std::string_view run_downloads = "/run/mkpxerd/downloads";
// Where the modloop is mounted beside a root that is not in memory.
inline constexpr std::string_view run_modloop = "/run/mkpxerd/modloop";
inline constexpr std::string_view run_lease = "/run/mkpxerd/lease";
// The names in the apkovl, for apk.
inline constexpr std::string_view run_overlay_list = "/run/mkpxerd/apkovl.files";
// On the file system of a root in memory, so that a file can be renamed to its place instead of copied.
inline constexpr std::string_view root_downloads = "/newroot/.mkpxerd";
static_assert(root_downloads.starts_with(new_root) && run_downloads.starts_with(run_directory));

} // namespace mkpxerd::netboot
