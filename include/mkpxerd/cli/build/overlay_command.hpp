// SPDX-License-Identifier: MIT
// `mkpxerd overlay -o FILE PATH...`: an archive with the files of one machine, loaded after the image.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct OverlayOptions {
    std::vector<std::filesystem::path> paths;
    std::optional<std::filesystem::path> image; // the one that it will follow
};
void add_overlay_options(CLI::App& command, OverlayOptions& options);

// output: how and where to write the file. Prints a report, and why the file is private.
int run_overlay(const OverlayOptions& options, const generator::CommandOptions& output,
                const CommandContext& context);

} // namespace mkpxerd::cli
