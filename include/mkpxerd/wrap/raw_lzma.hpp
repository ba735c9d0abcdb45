// SPDX-License-Identifier: MIT
// A program of iPXE that unpacks itself -> what it unpacks.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mkpxerd::wrap {

// iPXE for BIOS is a little code and one LZMA stream without a header (src/util/zbin.c,
// src/arch/x86/prefix/unlzma.S of iPXE), so the stream is looked for. Empty: there is none. At most 4 MiB;
// the operands of jumps stay filtered.
std::string unpack_ipxe(std::span<const std::byte> program);

} // namespace mkpxerd::wrap
