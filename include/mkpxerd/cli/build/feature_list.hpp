// SPDX-License-Identifier: MIT
// `mkpxerd --list-features`: every feature and profile with its description.
#pragma once

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace mkpxerd::cli {

// One line for each. With --verbose, or if there is no description, the line names the directory of the
// feature, or the file of the profile.
int run_feature_list(const generator::CommandOptions& options, const CommandContext& context);

} // namespace mkpxerd::cli
