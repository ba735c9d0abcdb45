// SPDX-License-Identifier: MIT
// Unpacks the compressors' output with the reference libraries, strictly: nothing may follow, nothing may be
// missing.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mkpxerd::test {

// nullopt: not exactly one gzip member / xz stream / zstd frame / legacy lz4 frame.
std::optional<std::string> unpack_gzip(const std::string& compressed);
std::optional<std::string> unpack_xz(const std::string& compressed);
std::optional<std::string> unpack_zstd(const std::string& compressed);
std::optional<std::string> unpack_lz4(const std::string& compressed);

// Where the last block of a deflate stream begins and ends, in bits, found by zlib's inflate with Z_BLOCK.
struct BlockEnds {
    std::size_t last_block = 0;
    std::size_t end = 0;
};
std::optional<BlockEnds> deflate_ends(const std::string& stream);

// A finished deflate stream by libdeflate or zlib, at their levels.
std::string deflate_libdeflate(const std::string& bytes, int level);
std::string deflate_zlib(const std::string& bytes, int level, int strategy);

} // namespace mkpxerd::test
