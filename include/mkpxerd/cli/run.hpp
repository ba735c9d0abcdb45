// SPDX-License-Identifier: MIT
// The whole program as a function, so that command lines are tested in process.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::cli {

// Exit codes: 0 done, 1 failed, 2 usage.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// What a command may use of its surroundings.
struct CommandContext {
    std::ostream& out;
    std::ostream& err;
    std::filesystem::path data_dir;       // share/mkpxerd
    std::filesystem::path init_program;   // lib/mkpxerd/init
    std::string source_date_epoch;        // of the environment; empty: not set
    bool err_is_terminal = false;         // somebody watches: show progress
    std::filesystem::path cache_dir = {}; // of the environment; empty: nothing is cached
    bool confined = false;   // the process ends with the command, and gives up what that does not need
    bool is_verbose = false; // --verbose
};

// Where a command talks whose file goes to this output: not among the bytes of the image.
std::ostream& talk_beside(const std::filesystem::path& output, const CommandContext& context);

// Prints every problem on its own line, with --verbose also the line of our sources that found it. Returns
// exit_failed.
int report(const Error& error, const CommandContext& context);

// arguments: without the program's name. Output that cannot be written makes a failure of a command that was
// done.
int run(const std::vector<std::string>& arguments, const CommandContext& context);

} // namespace mkpxerd::cli
