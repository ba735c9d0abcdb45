// SPDX-License-Identifier: MIT
// Runs a program of the image until it ends, and logs its output line by line.
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

// How long a program may run: each output renews its time, up to an hour in all.
class RunTime {
  public:
    RunTime(Deadline begin, Deadline deadline);
    Deadline deadline() const { return deadline_; }
    void has_output(Deadline now);

  private:
    Deadline begin_;
    Deadline deadline_;
    Clock::duration patience_;
};

// input: the file for its standard input; empty: none. Errors: MPX-SYS-02 it cannot be started, MPX-SYS-03 it
// was killed at its deadline. Each output renews its time, up to an hour in all.
Task<ProgramRun> run_program(boost::asio::io_context& io, System& system, Log& log, Children& children,
                             Program program, std::filesystem::path input, Deadline deadline);

inline constexpr int exit_not_started = 127; // as in shells
// For the child of fork(2): becomes the program at its host path. Returns that status if this fails.
int execute_program(const System& system, const Program& program);

} // namespace mkpxerd::netboot
