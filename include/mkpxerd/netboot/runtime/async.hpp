// SPDX-License-Identifier: MIT
// What Boost 1.74's coroutines lack: a condition to wait for, cancellation, and groups whose end can be
// awaited. All of it belongs to one thread. Cancellation is by std::stop_token: requesting a stop closes the
// object that a coroutine waits for.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// Wakes the coroutines that wait at this moment; it has no memory. Check the condition, then wait: nothing
// runs between.
class Notifier {
  public:
    explicit Notifier(boost::asio::io_context& io);
    void notify();
    // Until notify(), the deadline, or the stop, whichever comes first.
    boost::asio::awaitable<void> wait(Deadline deadline, std::stop_token stop = {});

  private:
    boost::asio::io_context& io_;
    std::shared_ptr<std::vector<Timer*>> waiting_; // outlives the Notifier in suspended frames
};

// Sleeps; returns early when stopped.
boost::asio::awaitable<void> sleep_until(boost::asio::io_context& io, Deadline when,
                                         std::stop_token stop = {});

// The descriptor as one that coroutines can wait for. Errors name `what`: epoll(7) has no room for more.
Result<boost::asio::posix::stream_descriptor> watched(boost::asio::io_context& io, UniqueFd fd,
                                                      std::string_view what);

// Runs an action once, at the deadline or at the stop, unless it is destroyed before. The action makes the
// guarded operation fail, usually by closing its socket.
class Interrupt {
  public:
    Interrupt(boost::asio::io_context& io, Deadline deadline, const std::stop_token& stop,
              std::function<void()> action);
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();
    bool fired() const { return state_->fired; }
    // Moves the deadline; for stall timers.
    void postpone(Deadline deadline);

  private:
    struct State {
        explicit State(boost::asio::io_context& io) : timer(io) {}
        Timer timer;
        std::function<void()> action;
        bool fired = false;
        void fire();
    };
    static void arm(const std::shared_ptr<State>& state);
    std::shared_ptr<State> state_;
    std::stop_callback<std::function<void()>> on_stop_;
};

// Coroutines started together. The starter must await join() before the objects that they refer to go away.
class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::io_context& io);
    void spawn(boost::asio::awaitable<void> task);
    // Until every task has ended.
    boost::asio::awaitable<void> join();

  private:
    struct State {
        explicit State(boost::asio::io_context& io) : changed(io) {}
        Notifier changed;
        unsigned running = 0;
    };
    boost::asio::io_context& io_;
    std::shared_ptr<State> state_;
};

} // namespace mkpxerd::netboot
