// SPDX-License-Identifier: MIT
// `mkpxerd completion SHELL`: what bash, zsh and fish need to complete command lines. Made from the options
// that the parser knows, so that none is missing.
#pragma once

#include <string>

#include "mkpxerd/cli/run.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

// shell: bash, zsh or fish. Prints a script in that shell's language.
int run_completion(const CLI::App& app, const std::string& shell, const CommandContext& context);

} // namespace mkpxerd::cli
