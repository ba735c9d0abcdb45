// SPDX-License-Identifier: MIT
// The kernel's own estimate: MemAvailable.
#include "mkpxerd/netboot/runtime/free_memory.hpp"

#include <algorithm>
#include <limits>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {

std::uint64_t free_memory(std::uint64_t spared) {
    const auto available = kibibyte_field(read_file("/proc/meminfo").value_or(""), "MemAvailable:");
    if (!available) return std::numeric_limits<std::uint64_t>::max();
    return *available - std::min(*available, spared);
}

} // namespace mkpxerd::netboot
