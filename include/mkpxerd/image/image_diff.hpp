// SPDX-License-Identifier: MIT
// Two images -> the differences that a boot would see, and their sizes. Compares the trees that the kernel
// makes of them, not the bytes of the files: order and compression are reported only if nothing else differs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

struct Change {
    enum class Kind { Added, Removed, Changed };
    Kind kind = Kind::Changed;
    std::string path;
    std::int64_t bytes = 0; // of the body: after minus before
    // Of Changed: "content", "mode 0644 -> 0600", ... A module or firmware that is compressed differently,
    // and so has another name, is changed: "was nfs.ko, same content".
    std::vector<std::string> details = {};
};

struct ImageDiff {
    std::vector<Change> changes; // by path
    std::size_t times_only = 0;  // entries that differ in their time and nothing else
    bool same_bytes = false;     // the files are identical
};

// Errors: those of reading the contents.
Result<ImageDiff> compare(const Image& before, const Image& after);

} // namespace mkpxerd::image
