// SPDX-License-Identifier: MIT
// `mkpxerd overlay -o FILE PATH...`: an archive with files of one machine, handed out behind the image.
#pragma once

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

// output: how and where the file is written. Prints what was made, and why it is private.
int run_overlay(const std::vector<std::filesystem::path>& paths, const generator::CommandOptions& output,
                const CommandContext& context);

} // namespace mkpxerd::cli
