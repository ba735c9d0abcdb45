// SPDX-License-Identifier: MIT
// Block numbers have 16 bits and start at 1, and the last block is a short one (RFC 1350): 65535 blocks,
// unless server and loader wrap around to 0.
#include "mkpxerd/generator/archive/tftp_limit.hpp"

#include <array>
#include <fmt/format.h>

namespace mkpxerd::generator {
namespace {

constexpr std::uint64_t max_blocks = 65535;

struct BlockSize {
    std::uint64_t bytes;
    const char* limit;
};
constexpr std::array block_sizes = {BlockSize{1024, "64 MiB"}, BlockSize{512, "32 MiB"}};

} // namespace

std::optional<Problem> tftp_limit(const std::filesystem::path& output, std::uint64_t image_bytes) {
    for (const BlockSize& block : block_sizes)
        if (image_bytes >= max_blocks * block.bytes)
            return Problem{
                .object = output.filename().string(), // a bundle is written elsewhere and moved
                .text = fmt::format("is larger than {}, which TFTP with blocks of {} bytes may truncate",
                                    block.limit, block.bytes),
                .hint =
                    fmt::format("load it by HTTP, or keep it smaller: --max-size {}M", block.bytes / 16 - 1)};
    return std::nullopt;
}

} // namespace mkpxerd::generator
