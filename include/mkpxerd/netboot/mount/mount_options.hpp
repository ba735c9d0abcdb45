// SPDX-License-Identifier: MIT
// "ro,noatime,size=50%" -> flags of mount(2) and the options that are left for the file system. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd::netboot {

struct MountOptions {
    unsigned long flags = 0; // MS_*
    std::string data;
    bool operator==(const MountOptions&) const = default;
};

// Later words win over earlier ones; flags to start with are those of the caller.
MountOptions parse_mount_options(std::string_view text, unsigned long flags = 0);

} // namespace mkpxerd::netboot
