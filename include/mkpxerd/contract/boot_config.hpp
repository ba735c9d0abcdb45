// SPDX-License-Identifier: MIT
// boot.conf: what the generator tells the netboot init about the image. Text, one `key=value` a line, so that
// a person can read it in a shell.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd {

struct BootConfig {
    std::string mkpxerd_version; // of the generator
    std::string kernel_version;  // directory under lib/modules; empty: an image without modules
    std::int64_t epoch = 0;      // seconds since 1970; the clock is never earlier than this (0: unknown)
    std::uint64_t entries = 0;   // archive entries, sentinel included
    bool tls = true;             // its /init supports TLS and signatures
    std::vector<std::string> features;       // sorted
    std::map<std::string, std::string> pins; // apkovl, modloop, root -> SHA-256, hexadecimal, lower case
    std::string cmdline; // options baked into the image; the kernel command line overrides them

    bool operator==(const BootConfig&) const = default;
};

std::string write_boot_config(const BootConfig& config);
// Unknown keys are ignored: an older init must boot a newer image by the keys that it knows.
// Errors, with the line number: a line without '=', an invalid number.
Result<BootConfig> parse_boot_config(std::string_view text);

std::string sentinel_text(std::uint64_t entries);

} // namespace mkpxerd
