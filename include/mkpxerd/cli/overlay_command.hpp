// SPDX-License-Identifier: MIT
// `mkpxerd overlay -o FILE PATH...`: an archive with the files of one machine, loaded after the image.
#pragma once

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace mkpxerd::cli {

// output: how and where to write the file. Prints a report, and why the file is private.
int run_overlay(const std::vector<std::filesystem::path>& paths, const generator::CommandOptions& output,
                const CommandContext& context);

} // namespace mkpxerd::cli
