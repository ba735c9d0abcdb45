// SPDX-License-Identifier: MIT
// The commands as one table: name, help, options, the rights that each keeps, and the function that runs it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/cli/build/build_command.hpp"
#include "mkpxerd/cli/build/overlay_command.hpp"
#include "mkpxerd/cli/build/why_command.hpp"
#include "mkpxerd/cli/bundle/bundle_command.hpp"
#include "mkpxerd/cli/bundle/try_command.hpp"
#include "mkpxerd/cli/chart/chart_command.hpp"
#include "mkpxerd/cli/images/image_commands.hpp"
#include "mkpxerd/cli/images/lint_command.hpp"
#include "mkpxerd/cli/options/confinement.hpp"
#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

// All values of a command line. CLI11 writes into it, so it must not move.
struct Arguments {
    Arguments(CLI::App& program, const CommandContext& surroundings)
        : context(surroundings), app(program), build(program, context) {}
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    CommandContext context; // of the command that is run
    CLI::App& app;          // with all commands
    BuildCommand build;
    BoundOptions bounds;
    WhyOptions why;
    OverlayOptions overlay;
    LsOptions ls;
    CatOptions cat;
    ExtractOptions extract;
    SizeOptions size;
    DiffOptions diff;
    LintOptions lint;
    BundleOptions bundle; // of snippet as well
    TryOptions trial;
    ChartOptions chart;
    std::vector<std::string> codes; // of explain
    std::string shell;              // of completion
};

// Whether a command accepts the options of a build.
enum class BuildOptions { Refused, Accepted };

struct CommandRow {
    const char* name;
    const char* help;
    BuildOptions build_options;
    void (*add_options)(CLI::App& command, Arguments& arguments);
    Duty (*duty)(const Arguments& arguments);
    int (*run)(const Arguments& arguments); // returns the exit code
    int failed = exit_failed;               // the exit code of a failure outside of run
};

// In the order of --help. Without a command, mkpxerd builds an image.
std::span<const CommandRow> command_table();

} // namespace mkpxerd::cli
