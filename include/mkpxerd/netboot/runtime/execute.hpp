// SPDX-License-Identifier: MIT
// execve(2) of a Program: the one place that lays out its arguments and environment.
#pragma once

#include <filesystem>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Becomes the program, whose file is at `file`; argv[0] is its path. Returns errno if that failed.
int execute(const std::filesystem::path& file, const Program& program);

} // namespace mkpxerd::netboot
