// SPDX-License-Identifier: MIT
// A second process that reports when PID 1 hangs inside the kernel (a hard NFS mount whose server is gone, a
// driver that never returns), and finally restarts the machine. An event loop in PID 1 cannot do that.
#pragma once

#include <chrono>
#include <string_view>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/runtime/stall_watch.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// The watching process; returns its exit status. PID 1 writes into the pipe: an empty line is a sign of life,
// any other names the stage that it enters. PID 1's I/O and processor time count as signs of life too, except
// for the little time that a hanging call uses. The process ends with the pipe, which execve(2) closes, or
// when /proc moves to the new root: it does not outlive the hand-over.
int run_watchdog(System& system, int pipe, const WatchRules& rules);

class Watchdog {
  public:
    Watchdog(boost::asio::io_context& io, System& system) : io_(io), system_(system) {}

    // Starts the process. Errors: no pipe, no process; the boot can continue without it.
    Result<void> start(const WatchRules& rules);
    bool is_started() const { return static_cast<bool>(pipe_); }
    // Names the stage that begins, for messages.
    void enter(std::string_view stage);
    // Sends a sign of life every second, forever.
    boost::asio::awaitable<void> beat();

  private:
    boost::asio::io_context& io_;
    System& system_;
    UniqueFd pipe_;
};

} // namespace mkpxerd::netboot
