// SPDX-License-Identifier: MIT
// A kernel image -> the memory that the kernel itself takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mkpxerd::generator {

// Bytes from the first to the last address of code and data, as far as the file knows them: what the kernel
// allocates as it starts is not among them. kernel: as for embedded_kernel_config(). Unpacks only the first
// bytes. Pure. nullopt: neither a 64-bit ELF file nor arm64's Image.
std::optional<std::uint64_t> kernel_size(std::span<const std::byte> kernel);

} // namespace mkpxerd::generator
