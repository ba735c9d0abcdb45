// SPDX-License-Identifier: MIT
// fstab(5) of a new root: what it wants mounted. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::netboot {

struct FstabLine {
    std::string source;  // "/dev/sda1", "UUID=...", "server:/usr", "tmpfs"
    std::string target;  // "/usr": without a "/" at its end
    std::string type;    // "ext4"
    std::string options; // "noatime,nodev"; empty: none are given
    bool has_option(std::string_view name) const;
    bool operator==(const FstabLine&) const = default;
};

// In order; comments and lines of less than three fields are passed over.
std::vector<FstabLine> parse_fstab(std::string_view text);

} // namespace mkpxerd::netboot
