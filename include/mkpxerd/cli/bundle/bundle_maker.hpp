// SPDX-License-Identifier: MIT
// Build options, site -> a bundle, and the report about it.
#pragma once

#include <string>
#include <vector>

#include "mkpxerd/cli/bundle/bundle_command.hpp"
#include "mkpxerd/cli/output/progress_line.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::cli {

struct BundleReport {
    deploy::SiteOptions site;
    std::string kernel_version;
    generator::BuildReport image;
    deploy::SiteValues values;
    std::vector<Problem> notes;
    std::vector<Problem> warnings;
};

// Errors: on each of them an older bundle stays unchanged.
Result<BundleReport> make_bundle(const BundleOptions& options, const generator::CommandOptions& build,
                                 const CommandContext& context, ProgressLine& progress);

// One JSON object and a newline.
std::string json_report(const BundleReport& report);
// Three lines for people.
std::string text_report(const BundleReport& report);

} // namespace mkpxerd::cli
