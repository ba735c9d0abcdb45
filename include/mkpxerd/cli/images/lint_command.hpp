// SPDX-License-Identifier: MIT
// `mkpxerd lint`: will this command line boot this image, or the image of these build options? Will a bundle
// boot?
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct LintOptions {
    std::optional<std::string> named_line; // of --cmdline
    std::optional<std::string> first;  // the command line; the image if --cmdline gives the line; a bundle
    std::optional<std::string> second; // the image

    std::optional<std::string> line() const;
    std::optional<std::filesystem::path> image() const; // or the directory of a bundle
    bool has_bundle_alone() const;                      // its scripts have the command lines
};
void add_lint_options(CLI::App& command, LintOptions& options);

// Without an image, checks the image that the build options would give, if any; writes nothing. Exit code 1:
// the boot cannot succeed; 2: no command line, or both an image and build options are given.
int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context);

} // namespace mkpxerd::cli
