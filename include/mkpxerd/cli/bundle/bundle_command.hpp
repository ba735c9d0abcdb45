// SPDX-License-Identifier: MIT
// `mkpxerd bundle -o DIR [build options]` and `mkpxerd snippet NAME`: everything that the servers need.
#pragma once

#include <string>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/deploy/site/site.hpp"
#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct BundleOptions {
    std::filesystem::path directory; // of the bundle; empty: not named
    deploy::SiteOptions site;
    std::filesystem::path kernel; // empty: search the kernel's tree
    std::string snippet;          // of `snippet`; empty: the list
    bool list = false;
};

void add_bundle_options(CLI::App& command, BundleOptions& options);
void add_snippet_options(CLI::App& command, BundleOptions& options);

// On failure an older bundle stays unchanged.
int run_bundle(BundleOptions options, const generator::CommandOptions& build, const CommandContext& context);
int run_snippet(BundleOptions options, const CommandContext& context);

} // namespace mkpxerd::cli
