// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/image_demands.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace mkpxerd::generator {
namespace {

constexpr std::uint64_t page = 4096;
// Measured with Debian's 6.1 for amd64 in QEMU, by less and less memory: what it holds itself, tables and
// reserves, is 57 MiB, and another 25 MiB beside the unpacked image let /init bring up the network.
constexpr std::uint64_t kernel = std::uint64_t{64} << 20;
constexpr std::uint64_t room_to_work = std::uint64_t{24} << 20;

struct BlockSize {
    std::uint64_t bytes;
    const char* limit;
};
constexpr std::array block_sizes = {BlockSize{1024, "64 MiB"}, BlockSize{512, "32 MiB"}};

} // namespace

// The file lies in memory until all of it is unpacked, and each file of the tree takes whole pages. The root
// that it is unpacked into is a tmpfs, of half the memory that the kernel and the file leave
// (shmem_default_max_blocks(), mm/shmem.c); with root= on the command line it is a ramfs, which may take all
// (init_rootfs(), init/do_mounts.c), so that this is on the safe side. Archives around the image count as
// they are: what is packed in them is not known here.
std::uint64_t memory_needed(const ImageTree& tree, const ImageParts& parts, std::uint64_t image_bytes) {
    std::uint64_t unpacked = parts.before.size() + parts.after.size();
    for (const ImageEntry& entry : tree.entries)
        unpacked += (entry.size + page - 1) / page * page;
    return kernel + image_bytes + unpacked + std::max(unpacked, room_to_work);
}

// Blocks are numbered by 16 bits, from 1 on, and the last one is a short one (RFC 1350): 65535 of them, where
// a server or a loader does not begin anew at 0.
std::optional<Problem> tftp_limit(const std::filesystem::path& output, std::uint64_t image_bytes) {
    for (const BlockSize& block : block_sizes)
        if (image_bytes >= 65535 * block.bytes)
            return Problem{
                output.filename().string(), // a bundle is written elsewhere and moved
                fmt::format("is larger than {}, which TFTP with blocks of {} bytes may cut off", block.limit,
                            block.bytes),
                fmt::format("load it by HTTP, or hold it smaller: --max-size {}M", block.bytes / 16 - 1),
                {}};
    return std::nullopt;
}

} // namespace mkpxerd::generator
