// SPDX-License-Identifier: MIT
// Runs a program of the image to its end, its output taken line by line.
#pragma once

#include <deque>
#include <string>

#include "mkpxerd/netboot/runtime/children.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct ProgramRun {
    int status = 0;                     // exit status, or 128 + signal
    std::deque<std::string> last_lines; // of standard output and error together; at most 40
};

// input: a file that it reads; empty: nothing to read. Each line is a detail of the log. Errors: MPX-SYS-02
// it cannot be started, MPX-SYS-03 it was killed: what says something has as much time again as it had at
// first, an hour in all; what is silent until the deadline is ended.
Task<ProgramRun> run_program(boost::asio::io_context& io, System& system, Log& log, Children& children,
                             Program program, std::filesystem::path input, Deadline deadline);

inline constexpr int exit_not_started = 127; // as shells have it
// For the child of fork(2): becomes the program at its host path. Returns only when that failed, with that
// status.
int execute_program(const System& system, const Program& program);

} // namespace mkpxerd::netboot
