// SPDX-License-Identifier: MIT
// The one contract between the generator, which writes it into the image, and the netboot init, which reads
// it: what the image is, and where its parts lie. Text, one `key=value` a line, so that a person can read it
// in a shell.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

// Paths inside the image, from its root.
inline constexpr std::string_view init_path = "init";
inline constexpr std::string_view boot_config_path = "etc/mkpxerd/boot.conf";
// The last entry of the archive, a regular file holding sentinel_text(entries). When it is missing, or counts
// other than boot.conf says, the kernel ran out of memory while it unpacked.
inline constexpr std::string_view sentinel_path = "etc/mkpxerd/complete";

// Certificate authorities given with --ca, in PEM form. If the image contains this file, https trusts these
// authorities only: who names one does not want to trust all those of the system.
inline constexpr std::string_view authorities_path = "etc/mkpxerd/ca.pem";
// All files with authorities: --ca's and, if it is absent, those that feature `https` takes from the system.
inline constexpr std::array<std::string_view, 3> authority_files = {authorities_path, "etc/ssl/cert.pem",
                                                                    "etc/ssl/certs/ca-certificates.crt"};
// Ed25519 keys that objects have to be signed with, one a file.
inline constexpr std::string_view key_directory = "etc/mkpxerd/keys";

struct BootConfig {
    std::string mkpxerd_version; // of the generator
    std::string kernel_version;  // directory under lib/modules; empty: an image without modules
    std::int64_t epoch = 0;      // seconds since 1970; the clock is never earlier than this (0: unknown)
    std::uint64_t entries = 0;   // archive entries, sentinel included
    bool tls = true;             // its /init can do TLS and check signatures
    std::vector<std::string> features;       // sorted
    std::map<std::string, std::string> pins; // apkovl, modloop, root -> SHA-256, hexadecimal, lower case
    std::string cmdline; // options baked into the image; the kernel command line overrides them

    bool operator==(const BootConfig&) const = default;
};

std::string write_boot_config(const BootConfig& config);
// Unknown keys are kept out silently: an older init must boot a newer image's known part.
// Errors: a line without '=', a number that is none, named by line.
Result<BootConfig> parse_boot_config(std::string_view text);

std::string sentinel_text(std::uint64_t entries);

} // namespace mkpxerd
