// SPDX-License-Identifier: MIT
// What follows a failure: a shell, a countdown to a restart that any key turns into a shell, or another try.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/children.hpp"
#include "mkpxerd/netboot/runtime/console_log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Times for a person who reads and types; tests use shorter ones.
struct RescuePace {
    std::chrono::milliseconds retry_pause{5000};    // before the failed step is tried again
    std::chrono::milliseconds shortest_visit{2000}; // a shell that ends sooner has no user at its console
    std::chrono::milliseconds second{1000};         // of the countdown
};

class Rescue {
  public:
    Rescue(boost::asio::io_context& io, System& system, ConsoleLog& log, Children& children,
           RescuePace pace = {});

    // Acts on on_fail. Returns when the failed step must be tried again: after `exit` from a shell, or by
    // mkpxerd.onfail=retry. Otherwise the machine restarts.
    boost::asio::awaitable<void> after_failure(OnFail on_fail);
    // Runs a shell on a console until the user leaves it. False: the image has no executable shell.
    boost::asio::awaitable<bool> run_shell(const std::string& console);

  private:
    std::optional<Program> find_shell() const;
    boost::asio::awaitable<void> restart(Restart kind);
    boost::asio::awaitable<std::optional<std::string>> countdown(OnFail on_fail, bool has_shell);

    boost::asio::io_context& io_;
    System& system_;
    ConsoleLog& log_;
    Children& children_;
    RescuePace pace_;
};

} // namespace mkpxerd::netboot
