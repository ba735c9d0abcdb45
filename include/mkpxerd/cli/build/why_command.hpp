// SPDX-License-Identifier: MIT
// `mkpxerd why WHAT [build options]`, `mkpxerd why --image FILE WHAT`: why is it in the image, and if it is
// not, where is it instead?
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct WhyOptions {
    std::vector<std::string> wanted; // paths, module names or file names; empty: what --hardware leaves out
    std::optional<std::filesystem::path> image; // a finished image instead of a build
};
void add_why_options(CLI::App& command, WhyOptions& options);

// Prints one chain per line, or a JSON list; exit code 1 if one of them is neither in the image nor left out
// by --hardware.
int run_why(const WhyOptions& options, const generator::CommandOptions& build, const CommandContext& context);

} // namespace mkpxerd::cli
