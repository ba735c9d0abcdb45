// SPDX-License-Identifier: MIT
// A second process that reports when PID 1 hangs inside the kernel (a hard NFS mount whose server has gone,
// a driver that never returns), and restarts the machine in the end. No event loop can do that.
#pragma once

#include <chrono>
#include <string_view>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/runtime/stall_watch.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// The watching process; returns its exit status. PID 1 writes into the pipe: an empty line is a sign of
// life, any other is the stage that it enters. Work is a sign of life too: what PID 1 reads and writes, and
// its processor time, of which a call that hangs uses a little as well. It ends with the pipe, which
// execve(2) closes, or when /proc moves to the new root: it does not outlive the hand-over.
int watch_over(System& system, int pipe, const WatchRules& rules);

class Watchdog {
  public:
    Watchdog(boost::asio::io_context& io, System& system) : io_(io), system_(system) {}

    // Starts the process. Errors: no pipe, no process; the boot can do without it.
    Result<void> start(const WatchRules& rules);
    bool is_started() const { return static_cast<bool>(pipe_); }
    // The stage that begins: messages name it.
    void enter(std::string_view stage);
    // A sign of life each second, for ever.
    boost::asio::awaitable<void> beat();

  private:
    boost::asio::io_context& io_;
    System& system_;
    UniqueFd pipe_;
};

} // namespace mkpxerd::netboot
