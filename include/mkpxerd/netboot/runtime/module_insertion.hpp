// SPDX-License-Identifier: MIT
// A module's file -> the kernel. A compressed one is decompressed by the kernel if it can, or else here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// finit_module(2) of an open file, without the parameters.
using FinitModule = std::function<std::error_code(int file, int flags)>;

// kernel_format: what /sys/module/compression says, such as "xz"; empty: the kernel decompresses nothing.
// Keeps no state, so that several threads may call it at once; memory: the module once, and the decoder's.
ModuleAnswer insert_module(const std::string& path, std::string_view kernel_format, const FinitModule& finit);

} // namespace mkpxerd::netboot
