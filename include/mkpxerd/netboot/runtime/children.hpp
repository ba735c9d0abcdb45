// SPDX-License-Identifier: MIT
// Child processes of PID 1: those started here can be waited for; all others are reaped.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>

#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class Children {
  public:
    Children(boost::asio::io_context& io, System& system);

    // Runs body in a child process; returns its pid, which must be waited for.
    Result<int> start(const std::function<int()>& body);
    bool has_ended(int pid) const {
        const auto child = children_.find(pid);
        return child == children_.end() || child->second.status.has_value();
    }
    // Requests a stop when the child ends. Precondition: start() returned the pid, and wait() was not called
    // for it.
    std::stop_token end_of(int pid) { return children_[pid].ended.get_token(); }
    // The exit status, or 128 + the signal that ended it. Past the deadline the child is killed; nullopt
    // then.
    boost::asio::awaitable<std::optional<int>> wait(int pid, Deadline deadline);

  private:
    void listen();
    void reap();

    System& system_;
    boost::asio::signal_set signals_;
    Notifier changed_;
    struct Child {
        std::optional<int> status; // none: it runs
        std::stop_source ended;
    };
    std::map<int, Child> children_; // started here
};

} // namespace mkpxerd::netboot
