// SPDX-License-Identifier: MIT
// File -> where in it the initrd lies: files of loaders that carry one inside.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::image {

// Bytes of the file that the kernel gets to see, a multiple of 4 from its start.
struct Region {
    std::string_view section; // of a UKI: ".initrd"; empty: the container has no names
    std::size_t offset = 0;
    std::size_t length = 0;
};

struct Container {
    std::string_view kind;       // "uImage", "UKI"; empty: the file is the initrd
    std::vector<Region> regions; // in the order in which the loader joins them, none within another
};

// Knows a container by its first bytes. Errors: one that is cut off, that has no initrd inside, or that is
// known and not read here.
Result<Container> find_container(std::span<const std::byte> file, const std::string& name);

} // namespace mkpxerd::image
