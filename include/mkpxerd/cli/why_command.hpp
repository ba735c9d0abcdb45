// SPDX-License-Identifier: MIT
// `mkpxerd why WHAT [build options]`: why is it in the image?
#pragma once

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// wanted: paths, module names or file names; none: all drivers that --hardware leaves out. Prints one chain a
// line, or with json a list of them; exit code 1 when one of them is neither in the image nor left out.
int run_why(std::vector<std::string> wanted, const generator::CommandOptions& options, bool json,
            const CommandContext& context);

} // namespace mkpxerd::cli
