// SPDX-License-Identifier: MIT
// `mkpxerd completion SHELL`: scripts for bash, zsh and fish to complete command lines. Generated from the
// parser's options, so that none is missing.
#pragma once

#include <string>

#include "mkpxerd/cli/output/command_context.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

// shell: bash, zsh or fish. Prints a script in that shell's language.
int run_completion(const CLI::App& app, const std::string& shell, const CommandContext& context);

} // namespace mkpxerd::cli
