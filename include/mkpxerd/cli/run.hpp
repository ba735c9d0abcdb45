// SPDX-License-Identifier: MIT
// The whole program as a function, so that command lines can be tested in process.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

// arguments: without the program's name. A command whose output cannot be written fails.
int run(const std::vector<std::string>& arguments, const CommandContext& context);

} // namespace mkpxerd::cli
