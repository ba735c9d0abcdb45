// SPDX-License-Identifier: MIT
// `mkpxerd lint`: will this command line boot this image, or the one that these options would build?
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/types.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct LintOptions {
    std::string command_line;
    std::optional<std::filesystem::path> image;
};
void add_lint_options(CLI::App& command, LintOptions& options);

// Without an image: against the one that build would make, when it has any option of a build; nothing is
// written. 1 when the boot cannot work, 2 when both are given.
int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context);

} // namespace mkpxerd::cli
