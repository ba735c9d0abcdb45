// SPDX-License-Identifier: MIT
// The least memory is the largest of what is in use at two moments, beside the kernel and the unpacked tree:
//
//   the last file is unpacked    the image, its decoder, what the kernel has allocated as it started
//   the boot is at its largest   /init, the modules that it loaded, the network; the image is gone
//
// and of what the limit of the initramfs asks for. That is a ramfs without limit if the kernel's command line
// has root=, and a tmpfs of half the memory that kernel and image leave otherwise (init_rootfs(),
// init/do_mounts.c; shmem_default_max_blocks(), mm/shmem.c).
//
// The constants are measured with decreasing -m in QEMU, with Debian's kernels 6.1 for amd64, the general one
// and that for clouds; the test boot.memory repeats it at both bounds.
#include "mkpxerd/generator/archive/memory_estimate.hpp"

#include <algorithm>

namespace mkpxerd::generator {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t page = 4096;

constexpr std::uint64_t usual_kernel = 58 * mib; // Debian's general one, which has nearly everything built in
// "Memory: ... reserved" is less than the segments of the kernel, because their gaps are given back. -m of
// QEMU includes 0.5 MiB of BIOS and tables.
constexpr std::uint64_t kernel_gaps = 4 * mib;
// Slabs, memory per processor, stacks and the reserve that the kernel never gives away, when it has unpacked.
constexpr std::uint64_t while_unpacking = 26 * mib;
// The same with /init and the modules of NFS 4.2 and of one virtio card.
constexpr std::uint64_t while_booting = 35 * mib;
constexpr std::uint64_t inode_and_name = 1024;
// Of every 45 pages one describes the others: struct page and its extension.
constexpr std::uint64_t pages = 45;
constexpr std::uint64_t pages_of_use = 44;

// What lib/decompress_*.c allocate: the dictionary, the window, or a block.
std::uint64_t decoder_bytes(std::string_view compression) {
    return compression == "none" || compression == "gzip" ? 0 : 8 * mib;
}

// One part is unpacked at a time.
std::uint64_t largest_decoder(const std::vector<std::string_view>& compressions) {
    std::uint64_t largest = 0;
    for (const std::string_view compression : compressions)
        largest = std::max(largest, decoder_bytes(compression));
    return largest;
}

std::uint64_t whole_machine(std::uint64_t used) {
    return (used * pages + pages_of_use - 1) / pages_of_use;
}

} // namespace

MemoryNeed memory_needed(const std::vector<ReportedEntry>& contents, const MemoryFacts& facts) {
    std::uint64_t files = 0;
    for (const ReportedEntry& entry : contents)
        files += (entry.bytes + page - 1) / page * page;
    const std::uint64_t kernel =
        std::max(facts.kernel_bytes.value_or(usual_kernel), kernel_gaps) - kernel_gaps;
    const std::uint64_t tree = files + contents.size() * inode_and_name;
    const std::uint64_t unpacking = facts.image_bytes + largest_decoder(facts.compressions) + while_unpacking;
    const std::uint64_t with_root = kernel + tree + std::max(unpacking, while_booting);
    const std::uint64_t half = kernel + facts.image_bytes + 2 * files;
    return {.with_root = whole_machine(with_root), .without_root = whole_machine(std::max(with_root, half))};
}

} // namespace mkpxerd::generator
