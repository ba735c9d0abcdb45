// SPDX-License-Identifier: MIT
// The unpacked size that a compressed file states itself, without unpacking it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mkpxerd::wrap {

// zstd: the headers of all frames; xz: the index of a single stream; gzip: the end of its last member, modulo
// 4 GiB, which is right for a single member. nullopt: another format, the file does not say, or it is damaged
// where it would.
std::optional<std::uint64_t> stated_size(std::span<const std::byte> file);

} // namespace mkpxerd::wrap
