// SPDX-License-Identifier: MIT
// Options that have one name and one meaning in all commands.
#pragma once

#include "mkpxerd/cli/output/command_context.hpp"

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace mkpxerd::cli {

// The group of the limits that every command has, of its own or of the program.
inline constexpr const char* confinement_group = "Confinement";

// -q and -v. A command that has them already keeps its own.
void add_message_options(CLI::App& command, CommandContext& context);
// Whether this option of a build has an effect on a command that accepts such options.
bool takes_build_option(const CLI::App& command, const CLI::Option& option);
// --json, for commands that can print their result as JSON.
void add_json_option(CLI::App& command, CommandContext& context);

} // namespace mkpxerd::cli
