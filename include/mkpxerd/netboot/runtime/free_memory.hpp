// SPDX-License-Identifier: MIT
// How much memory may still be filled. Nothing but the init can be ended where none is left, and that is a
// kernel panic: whoever fills memory with what others made looks here on the way.
#pragma once

#include <cstdint>

namespace mkpxerd::netboot {

// Bytes that can be had beyond those that are spared (MemAvailable of proc_meminfo(5)). A kernel that does
// not tell (before Linux 3.14) sets no limit here.
std::uint64_t free_memory(std::uint64_t spared);

} // namespace mkpxerd::netboot
