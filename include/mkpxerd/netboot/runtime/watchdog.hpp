// SPDX-License-Identifier: MIT
// A process of its own that speaks, and in the end restarts the machine, when PID 1 hangs inside the kernel:
// in a hard NFS mount whose server has gone, or in a driver that never returns. No event loop can do that.
#pragma once

#include <chrono>
#include <string_view>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// What the watching process is to do, in units of time without a sign of life.
struct WatchRules {
    std::chrono::seconds patience{20}; // before it says so, and between two lines
    std::chrono::seconds limit{180};   // before it has failed
    OnFail on_fail;                    // whether the machine is restarted then, and after how long
};

// The watching process. Reads what PID 1 writes: "" for a sign of life, or the name of the stage that it
// enters; each ends with a newline. Work counts as life too: what process 1 reads and writes, and its
// processor time, of which a call that hangs uses a little as well. Ends with the pipe, which execve(2)
// closes, or when /proc moves to the new root: nothing of it outlives the hand-over. Returns its exit status.
int watch_over(System& system, int pipe, const WatchRules& rules);

class Watchdog {
  public:
    Watchdog(boost::asio::io_context& io, System& system) : io_(io), system_(system) {}

    // Starts the process. Errors: no pipe, no process; the boot can do without it.
    Result<void> start(const WatchRules& rules);
    // The stage that begins, for what is said.
    void enter(std::string_view stage);
    // A sign of life each second, for ever.
    boost::asio::awaitable<void> beat();

  private:
    boost::asio::io_context& io_;
    System& system_;
    UniqueFd pipe_;
};

} // namespace mkpxerd::netboot
