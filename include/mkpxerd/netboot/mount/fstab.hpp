// SPDX-License-Identifier: MIT
// fstab(5) of a new root. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::netboot {

struct FstabLine {
    std::string source;  // "/dev/sda1", "UUID=...", "server:/usr", "tmpfs"
    std::string target;  // "/usr", without a trailing "/"
    std::string type;    // "ext4"
    std::string options; // "noatime,nodev"; may be empty
    bool has_option(std::string_view name) const;
    bool operator==(const FstabLine&) const = default;
};

// In order, without comments and lines of fewer than three fields.
std::vector<FstabLine> parse_fstab(std::string_view text);

} // namespace mkpxerd::netboot
