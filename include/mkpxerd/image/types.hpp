// SPDX-License-Identifier: MIT
// The structure of an initrd file, from the outside in: parts (a compressed stream, or one plain archive),
// archives in them, entries in those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::image {

// A point up to which both sides of a compressed stream are known.
struct Checkpoint {
    std::uint64_t unpacked = 0;   // bytes since the start of the part
    std::uint64_t compressed = 0; // bytes of the file since the start of the part
};

struct Part {
    std::uint64_t offset = 0;     // in the file, bytes
    std::uint64_t length = 0;     // in the file, bytes; without the zero bytes after it
    std::string_view section;     // of the UKI around it: ".ucode", ".initrd"; empty: none
    std::string_view compression; // "none", or the name of a wrap::Encoding
    std::uint64_t unpacked = 0;   // bytes
    std::size_t archives = 0;     // complete ones, with a trailer
    std::size_t entries = 0;
    std::vector<Checkpoint> checkpoints; // ascending, last one {unpacked, length}; empty for "none"
};

// One entry of a newc archive, fields as in its header
// (Documentation/driver-api/early-userspace/buffer-format.rst).
struct Entry {
    std::size_t part = 0;    // index of its Part
    std::size_t archive = 0; // counted through the file
    std::string path;        // without leading "/" and "./", folded; "" is the root
    std::uint32_t inode = 0;
    std::uint32_t mode = 0; // with the file type, as in struct stat
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t links = 1;
    std::uint32_t mtime = 0; // seconds since 1970
    std::uint32_t size = 0;  // bytes of its own body; only one of several hard links has one
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint32_t node_major = 0; // of a device node
    std::uint32_t node_minor = 0;
    std::string target;      // of a symbolic link
    std::uint64_t begin = 0; // of its header, bytes from the start of the unpacked part
    std::uint64_t end = 0;   // after its body and padding

    bool is_regular() const { return (mode & 0170000) == 0100000; }
    bool is_directory() const { return (mode & 0170000) == 0040000; }
    bool is_link() const { return (mode & 0170000) == 0120000; }
};

// Everything about a file except the contents.
struct ImageSummary {
    std::string name;              // of the file
    std::uint64_t size = 0;        // of the file, bytes
    std::string_view container;    // "uImage", "UKI"; empty: the file is the initrd
    std::uint64_t outside = 0;     // bytes of the container that are not the initrd
    std::uint64_t padding = 0;     // zero bytes between and after the parts
    std::vector<Part> parts;       // in file order
    std::vector<Problem> warnings; // entries that the kernel skips silently
};

} // namespace mkpxerd::image
