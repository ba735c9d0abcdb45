// SPDX-License-Identifier: MIT
// Names and aliases of kernel modules, compared as the kernel and kmod compare them.
#pragma once

#include <string>
#include <string_view>

namespace mkpxerd {

// '-' becomes '_', but not inside brackets (alias_normalize, kmod's shared/util.c).
std::string normal_module_name(std::string_view name);

// Does the pattern of an alias ("pci:v00008086d*") match a device's modalias, or a name that somebody asks
// for?
bool alias_matches(std::string_view pattern, std::string_view name);

} // namespace mkpxerd
