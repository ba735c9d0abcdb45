// SPDX-License-Identifier: MIT
// The binary indexes that depmod writes beside its text lists. libkmod maps and follows them without checks,
// so they are checked here first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// The format, big endian: magic, version, place of the root; a place has flags in its upper bits.
namespace kmod_index {
inline constexpr std::uint32_t magic = 0xb007f457;
inline constexpr std::uint32_t has_prefix = 0x80000000;
inline constexpr std::uint32_t has_values = 0x40000000;
inline constexpr std::uint32_t has_children = 0x20000000;
inline constexpr std::uint32_t place_bits = 0x0fffffff;
} // namespace kmod_index

// Walks the whole index (libkmod/libkmod-index.h): every node lies inside the file, has its texts ended
// there, and is reached once. Errors name the file and the byte.
Result<void> check_kmod_index(std::span<const std::byte> bytes, const std::string& name);

} // namespace mkpxerd::wrap
