// SPDX-License-Identifier: MIT
// File -> position of the initrd in it, for loader formats that contain one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::image {

// Bytes of the file that the kernel gets, at a multiple of 4 from its start.
struct Region {
    std::string_view section; // of a UKI: ".initrd"; empty: the container has no names
    std::size_t offset = 0;
    std::size_t length = 0;
};

struct Container {
    std::string_view kind;       // "uImage", "UKI"; empty: the file is the initrd
    std::vector<Region> regions; // in the order in which the loader joins them, without overlaps
};

// Recognises a container by its first bytes. Errors: it is cut off, or contains no initrd.
Result<Container> find_container(std::span<const std::byte> file, const std::string& name);

} // namespace mkpxerd::image
