// SPDX-License-Identifier: MIT
// Where things are in the image, and in the system that the init makes of it: names that both programs use.
#pragma once

#include <array>
#include <string_view>

namespace mkpxerd {

// Paths in the image, from its root.
inline constexpr std::string_view init_path = "init";
inline constexpr std::string_view boot_config_path = "etc/mkpxerd/boot.conf";
// The last entry of the archive, a regular file with sentinel_text(entries). If it is missing, or has another
// number than boot.conf, the kernel ran out of memory while it unpacked.
inline constexpr std::string_view sentinel_path = "etc/mkpxerd/complete";
// Network drivers that the kernel has and the image lacks.
inline constexpr std::string_view absent_drivers_path = "etc/mkpxerd/absent-drivers";
// Why each entry is in the image.
inline constexpr std::string_view provenance_path = "etc/mkpxerd/reasons";
// Options of the command line, in files *.conf.
inline constexpr std::string_view settings_directory = "etc/mkpxerd.d";

// Certificate authorities given with --ca, in PEM form. If the image contains this file, https trusts these
// authorities only: naming one means not trusting all those of the system.
inline constexpr std::string_view authorities_path = "etc/mkpxerd/ca.pem";
// All files with authorities: --ca's and, if it is absent, those that feature `https` takes from the system.
inline constexpr std::array<std::string_view, 3> authority_files = {authorities_path, "etc/ssl/cert.pem",
                                                                    "etc/ssl/certs/ca-certificates.crt"};
// Ed25519 keys, one a file. With a key, all objects must be signed.
inline constexpr std::string_view key_directory = "etc/mkpxerd/keys";

// Where apk may be; the first one counts.
inline constexpr std::array<std::string_view, 4> apk_paths = {"sbin/apk", "usr/sbin/apk", "bin/apk",
                                                              "usr/bin/apk"};

// Where the new root is mounted until it becomes "/".
inline constexpr std::string_view new_root = "/newroot";

} // namespace mkpxerd
