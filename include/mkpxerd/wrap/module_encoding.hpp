// SPDX-License-Identifier: MIT
// The compressions of kernel modules, as kmod and kernel/module/decompress.c support them: gzip, xz and zstd.
// A program that needs no others links their decoders alone.
#pragma once

#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::wrap {

// By the first bytes, without the demands on the kernel. nullopt: a plain module, or no module.
std::optional<Encoding> recognize_module_encoding(std::span<const std::byte> start);

} // namespace mkpxerd::wrap
