// SPDX-License-Identifier: MIT
// Where the last block of a finished deflate stream (RFC 1951) begins and ends, so that the stream can be
// continued. Only follows code lengths and unpacks nothing: several times faster than zlib's inflate with
// Z_BLOCK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mkpxerd::wrap {

// Bits are counted as deflate does: from the lowest bit of the first byte.
struct DeflateTail {
    std::uint64_t last_block = 0; // its first header bit, BFINAL
    std::uint64_t end = 0;        // the bit after its end-of-block code or stored bytes
    bool operator==(const DeflateTail&) const = default;
};

// nullopt: the bytes are not a complete deflate stream. Bytes after its end are left alone.
std::optional<DeflateTail> find_deflate_tail(std::span<const std::byte> stream);

} // namespace mkpxerd::wrap
