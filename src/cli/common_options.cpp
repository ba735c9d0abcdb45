// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/common_options.hpp"

#include <CLI/CLI.hpp>

namespace mkpxerd::cli {

void add_message_options(CLI::App& command, CommandContext& context) {
    if (command.get_option_no_throw("--quiet") == nullptr)
        command.add_flag("-q,--quiet", context.is_quiet, "print only errors and the result");
    if (command.get_option_no_throw("--verbose") == nullptr)
        command.add_flag("-v,--verbose", context.is_verbose,
                         "print all warnings, stage times, and the source line of each error");
}

void add_json_option(CLI::App& command, CommandContext& context) {
    command.add_flag("--json", context.wants_json, "print the result as JSON");
}

} // namespace mkpxerd::cli
