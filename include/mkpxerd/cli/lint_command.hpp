// SPDX-License-Identifier: MIT
// `mkpxerd lint`: will this command line boot this image, or the one that these options would build?
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct LintOptions {
    std::string command_line;
    std::optional<std::filesystem::path> image;
};
void add_lint_options(CLI::App& command, LintOptions& options);

// Without an image, checks the one that the build options would make, if there are any; writes nothing. Exit
// code 1: the boot cannot work; 2: both are given.
int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context);

} // namespace mkpxerd::cli
