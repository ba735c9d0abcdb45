// SPDX-License-Identifier: MIT
// `mkpxerd [options] [kernelversion]`: builds an image, or lists its entries.
#pragma once

#include <memory>

#include "mkpxerd/cli/build/repro_file.hpp"
#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/types.hpp"

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace mkpxerd::cli {

class BuildCommand {
  public:
    // Adds the options to the program itself: a build has no command word.
    BuildCommand(CLI::App& app, CommandContext& context);
    // Returns the exit code.
    int run() const;
    // The options, for commands that examine a build without doing it.
    const generator::CommandOptions& options() const { return options_; }
    // The options for writing a file, for another command that writes one; returns the option with its name.
    CLI::Option* add_output_options(CLI::App& app);
    bool lists_files() const { return list_files_; }
    bool lists_features() const { return list_features_; }
    bool wants_repro() const { return !repro_.empty(); }
    bool writes() const {
        return !list_features_ && !list_files_;
    } // an image, when no other command was given

  private:
    void add_source_options(CLI::App& app);
    int list_files() const;
    int build() const;
    int build_with_repro() const;
    Result<generator::BuildReport> write_image(BuildStory& story) const;
    int tell(const Result<generator::BuildReport>& done, const BuildStory& story) const;
    void print_report(const generator::BuildReport& done, const generator::BuildRequest& request) const;

    const CommandContext& context_;
    generator::CommandOptions options_;
    bool list_features_ = false;
    bool list_files_ = false;
    bool no_cache_ = false;
    std::filesystem::path repro_; // empty: not asked for
};

} // namespace mkpxerd::cli
