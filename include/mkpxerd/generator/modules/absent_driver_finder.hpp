// SPDX-License-Identifier: MIT
// Network drivers that the kernel has and that some feature names, but that this image lacks.
#pragma once

#include "mkpxerd/contract/absent_drivers.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// known: module patterns of all existing features, by feature. Sorted by module; empty for an image without
// network features.
std::vector<AbsentDriver> find_absent_drivers(const ModuleSet& modules, const KernelLists& lists,
                                              const FeatureSet& wanted, const std::vector<Pattern>& known);

// Neither a module of the image nor the kernel itself drives a network card. False if the list of built-in
// modules is missing.
bool lacks_network(const ModuleSet& modules, const KernelLists& lists);

} // namespace mkpxerd::generator
