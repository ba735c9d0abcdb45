// SPDX-License-Identifier: MIT
// How much memory a machine needs to boot an image.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct MemoryFacts {
    std::uint64_t image_bytes = 0;                // the file
    std::vector<std::string_view> compressions{}; // of its parts, as in format_names()
    std::optional<std::uint64_t> kernel_bytes{}; // of kernel_size(); nullopt: unknown, a large one is assumed
};

// The smallest machine that reaches a new init on NFS, in bytes of memory; with less, the kernel cannot
// unpack the image or the boot runs out of memory. Measured with QEMU: never too little, and at most 12 MiB
// too much. contents: of all archives in the file. A root in memory needs its own size in
// addition, and an archive by somebody else what its dictionary exceeds 8 MiB (xz -9: 56 MiB).
MemoryNeed memory_needed(const std::vector<ReportedEntry>& contents, const MemoryFacts& facts);

} // namespace mkpxerd::generator
