// SPDX-License-Identifier: MIT
// The identity of a block device: file system, label, UUIDs (libblkid).
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

// A device or an image file. Errors: it cannot be read. An unknown content, or the marks of several file
// systems, give an identity without values.
Result<BlockIdentity> identify_block_device(const std::filesystem::path& path);

} // namespace mkpxerd::wrap
