// SPDX-License-Identifier: MIT
// Network devices without a driver, and why.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/netboot/drivers/module_index.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// One text per device: "pci 8086:10d3 at 0000:00:03.0: module e1000e is not in this image: rebuild it with
// feature network". features: of the image, sorted; loading: names of modules on their way.
std::vector<std::string> read_devices_without_driver(const System& system, const ModuleIndex& modules,
                                                     const std::vector<std::string>& features,
                                                     const std::vector<std::string>& loading = {});

} // namespace mkpxerd::netboot
