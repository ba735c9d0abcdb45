// SPDX-License-Identifier: MIT
// How much memory may still be filled. When none is left, the kernel can only kill the init, and panics: code
// that fills memory with untrusted data must check this regularly.
#pragma once

#include <cstdint>

namespace mkpxerd::netboot {

// Bytes available beyond a reserve (MemAvailable of proc_meminfo(5)). Without that field (before Linux 3.14)
// there is no limit.
std::uint64_t free_memory(std::uint64_t spared);

} // namespace mkpxerd::netboot
