// SPDX-License-Identifier: MIT
// `mkpxerd try IMAGE|DIR`: does it boot?
#pragma once

#include <filesystem>
#include <optional>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/deploy/trial/emulator.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct TryOptions {
    std::filesystem::path what;          // an image, or a bundle's directory
    std::optional<std::uint64_t> memory; // MiB; none: what the image needs
    std::filesystem::path report;        // where the init's report goes; empty: nowhere
    deploy::TrialRequest request;        // the rest
};

// Adds the options to the command word.
void add_try_options(CLI::App& command, TryOptions& options, CommandContext& context);
// The console goes to out: the init's lines, with -v all. Exit code 0: the image handed over, or the expected
// text appeared.
int run_try(TryOptions options, const CommandContext& context);

} // namespace mkpxerd::cli
