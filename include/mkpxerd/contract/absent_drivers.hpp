// SPDX-License-Identifier: MIT
// Network drivers that the kernel has and the image lacks. The generator writes them into the image, and the
// init reads them when a card has no driver. Text: a line for the driver, then one for each kind of device,
// as depmod writes it:
//   e1000e network
//   pci:v00008086d000010D3sv*sd*bc*sc*i*
// Bare ids would take a third of the space, but in the compressed image they would save one KB of seven.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/contract/image_paths.hpp"

namespace mkpxerd {

struct AbsentDriver {
    std::string module;
    std::string feature;                    // that contains it
    std::vector<std::string> patterns = {}; // of its devices' modaliases

    bool operator==(const AbsentDriver&) const = default;
};

std::string write_absent_drivers(const std::vector<AbsentDriver>& drivers);
// Skips damaged lines: the list is read after something else has failed.
std::vector<AbsentDriver> parse_absent_drivers(std::string_view text);

} // namespace mkpxerd
