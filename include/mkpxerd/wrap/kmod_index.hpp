// SPDX-License-Identifier: MIT
// The binary indexes that depmod writes beside its text lists. libkmod uses them without checks, so this
// checks them first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// The format, big endian: magic, version, position of the root; a position has flags in its upper bits.
namespace kmod_index {
inline constexpr std::uint32_t magic = 0xb007f457;
inline constexpr std::uint32_t has_prefix = 0x80000000;
inline constexpr std::uint32_t has_values = 0x40000000;
inline constexpr std::uint32_t has_children = 0x20000000;
inline constexpr std::uint32_t place_bits = 0x0fffffff;
} // namespace kmod_index

// Walks the whole index (libkmod/libkmod-index.h): every node must be inside the file, with terminated texts,
// and reached only once. Errors name the file and the byte.
Result<void> check_kmod_index(std::span<const std::byte> bytes, const std::string& name);

} // namespace mkpxerd::wrap
