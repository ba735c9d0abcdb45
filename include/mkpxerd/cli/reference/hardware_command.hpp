// SPDX-License-Identifier: MIT
// `mkpxerd hardware`: the modaliases of this machine, for --hardware.
#pragma once

#include <filesystem>

#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

// sysfs: "/sys", or a copy of it.
int run_hardware(const std::filesystem::path& sysfs, const CommandContext& context);

} // namespace mkpxerd::cli
