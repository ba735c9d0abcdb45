// SPDX-License-Identifier: MIT
// What is on a block device: file system, label, UUIDs (libblkid).
#pragma once

#include <filesystem>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// Empty: has none.
struct BlockIdentity {
    std::string type; // "ext4", "squashfs", "LVM2_member"
    std::string uuid;
    std::string label;
    std::string part_uuid; // of the partition itself
    std::string part_label;
    bool operator==(const BlockIdentity&) const = default;
};

// A device or an image file. Errors: cannot be read. Nothing known on it is an identity without values; so is
// a device with the marks of several file systems.
Result<BlockIdentity> identify_block_device(const std::filesystem::path& path);

} // namespace mkpxerd::wrap
