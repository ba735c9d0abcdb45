// SPDX-License-Identifier: MIT
// "ro,noatime,size=50%" -> flags of mount(2) and the options of the file system. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

struct MountOptions {
    unsigned long flags = 0; // MS_*
    std::string data;
    bool operator==(const MountOptions&) const = default;
};

// Later words override earlier ones. flags: those that are set before the first word.
MountOptions parse_mount_options(std::string_view text, unsigned long flags = 0);

} // namespace mkpxerd
