// SPDX-License-Identifier: MIT
// `mkpxerd chart report.json`: a picture of where the time of a boot went.
#pragma once

#include <filesystem>

#include "mkpxerd/cli/output/command_context.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct ChartOptions {
    std::filesystem::path report;       // "-": standard input
    std::filesystem::path output = "-"; // "-": standard output
};

// Adds the options to the command word.
void add_chart_options(CLI::App& command, ChartOptions& options);
int run_chart(const ChartOptions& options, const CommandContext& context);

} // namespace mkpxerd::cli
