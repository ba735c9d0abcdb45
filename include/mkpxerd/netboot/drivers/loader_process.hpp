// SPDX-License-Identifier: MIT
// A second process that loads modules, each on a thread of its own, so that no driver holds up the event
// loop. It is a process because execve(2), and so the hand-over, waits for every thread of its process, also
// for one that sleeps in a driver. It has nothing of PID 1 open but its socket, takes requests until that
// ends, and exits when its last call has returned.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct ModuleCall {
    std::uint32_t number = 0; // the answer has the same
    bool gentle = false;      // leaves the processor to others
    std::string path = {};
    std::string parameters = {};
};

struct NumberedAnswer {
    std::uint32_t number = 0;
    ModuleAnswer answer;
};

// The process; returns its exit status.
int run_loader(System& system, int socket);

class LoaderProcess {
  public:
    // Gets each answer, and at last nothing: the process has ended.
    using Taker = std::function<void(std::optional<NumberedAnswer>)>;

    // Errors: no socket, no process.
    static Result<std::unique_ptr<LoaderProcess>> start(boost::asio::io_context& io, System& system,
                                                        Taker taker);
    LoaderProcess(const LoaderProcess&) = delete;
    LoaderProcess& operator=(const LoaderProcess&) = delete;
    ~LoaderProcess();

    // Never blocks. An error: the process has ended, or the call is too long.
    std::error_code send(const ModuleCall& call);

  private:
    struct Link {
        boost::asio::posix::stream_descriptor socket;
        Taker taker; // none: nobody listens any more
    };
    explicit LoaderProcess(std::shared_ptr<Link> link) : link_(std::move(link)) {}
    static void listen(const std::shared_ptr<Link>& link);

    std::shared_ptr<Link> link_;
};

} // namespace mkpxerd::netboot
