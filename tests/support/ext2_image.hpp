// SPDX-License-Identifier: MIT
// A file system as libblkid knows it, without content: ext2, by fs/ext4/ext4.h, struct ext4_super_block, at
// byte 1024.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd::test {

inline std::string ext2_image(std::string_view uuid = {}, std::string_view label = {}) {
    std::string image(256 * 1024, '\0');
    const auto put = [&](std::size_t at, std::string_view bytes) {
        bytes.copy(&image[1024 + at], bytes.size());
    };
    put(0, std::string_view("\x20\0\0\0\0\x01\0\0", 8)); // inodes, blocks
    put(56, "\x53\xef");                                 // magic
    put(76, std::string_view("\x01\0\0\0", 4));          // dynamic revision
    put(104, uuid);                                      // 16 bytes
    put(120, label);
    return image;
}

} // namespace mkpxerd::test
