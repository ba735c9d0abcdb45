// SPDX-License-Identifier: MIT
// What --help and --help-all print: 80 columns wide, options in the groups of mkpxerd(8). --help fits on one
// screen: of the options of a build it has only the usual ones.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>

namespace mkpxerd::cli {

// The options of a build that --help shows, by their long names.
std::span<const std::string_view> usual_options();

// CLI11 calls it for --help (mode Normal) and --help-all (mode All).
class HelpText : public CLI::Formatter {
  public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

} // namespace mkpxerd::cli
