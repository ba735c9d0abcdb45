// SPDX-License-Identifier: MIT
// The file stays in memory until all of it is unpacked, and each file of the tree takes whole pages. The
// initramfs is a tmpfs of half the memory that the kernel and the file leave (shmem_default_max_blocks(),
// mm/shmem.c); with root= on the command line it is a ramfs, which may take all (init_rootfs(),
// init/do_mounts.c), so the estimate is on the safe side.
#include "mkpxerd/generator/archive/memory_estimate.hpp"

#include <algorithm>

namespace mkpxerd::generator {
namespace {

constexpr std::uint64_t page = 4096;
// Measured with Debian's 6.1 for amd64 in QEMU, with decreasing memory: the kernel itself, with tables and
// reserves, takes 57 MiB; with another 25 MiB beside the unpacked image, /init can bring up the network.
constexpr std::uint64_t kernel = std::uint64_t{64} << 20;
constexpr std::uint64_t working_memory = std::uint64_t{24} << 20;

} // namespace

std::uint64_t memory_needed(const std::vector<ReportedEntry>& contents, std::uint64_t image_bytes) {
    std::uint64_t unpacked = 0;
    for (const ReportedEntry& entry : contents)
        unpacked += (entry.bytes + page - 1) / page * page;
    return kernel + image_bytes + unpacked + std::max(unpacked, working_memory);
}

} // namespace mkpxerd::generator
