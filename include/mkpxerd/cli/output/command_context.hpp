// SPDX-License-Identifier: MIT
// What a command may use of its surroundings, how it reports, and the exit codes.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::cli {

// Exit codes: 0 done, 1 failed, 2 usage.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// The surroundings that a command may use.
struct CommandContext {
    std::ostream& out;
    std::ostream& err;
    std::filesystem::path data_dir;       // share/mkpxerd
    std::filesystem::path init_program;   // lib/mkpxerd/init
    std::string source_date_epoch;        // of the environment; empty: not set
    bool err_is_terminal = false;         // show progress
    std::filesystem::path cache_dir = {}; // of the environment; empty: no cache
    bool confined = false;   // the process ends with the command and drops the rights that it does not need
    bool is_verbose = false; // --verbose
    bool is_quiet = false;   // --quiet
    bool wants_json = false; // --json
};

// The stream for the messages of a command that writes this output: never the image's own stream.
std::ostream& message_stream(const std::filesystem::path& output, const CommandContext& context);

// Prints every problem on its own line, with --verbose also the line of our sources that found it. Returns
// exit_failed.
int report(const Error& error, const CommandContext& context);

// Print one line, unless --quiet.
void warn(const Problem& problem, const CommandContext& context);
void note(const Problem& problem, const CommandContext& context);

} // namespace mkpxerd::cli
