// SPDX-License-Identifier: MIT
// `mkpxerd why WHAT [build options]`: why is it in the image?
#pragma once

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace mkpxerd::cli {

// wanted: paths, module names or file names; empty: all drivers that --hardware leaves out. Prints one chain
// per line, or a JSON list; exit code 1 if one of them is neither in the image nor left out.
int run_why(std::vector<std::string> wanted, const generator::CommandOptions& options, bool json,
            const CommandContext& context);

} // namespace mkpxerd::cli
