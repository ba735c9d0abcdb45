// SPDX-License-Identifier: MIT
// SIGCHLD may stand for several children: each time all that have ended are reaped.
#include "mkpxerd/netboot/runtime/children.hpp"

#include <csignal>
#include <sys/wait.h>

namespace mkpxerd::netboot {

Children::Children(boost::asio::io_context& io, System& system)
    : system_(system), signals_(io, SIGCHLD), changed_(io) {
    listen();
}

void Children::listen() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        reap();
        listen();
    });
}

void Children::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        const auto child = children_.find(pid);
        if (child == children_.end()) continue;
        child->second.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        child->second.ended.request_stop();
    }
    changed_.notify();
}

Result<int> Children::start(const std::function<int()>& body) {
    MKPXERD_TRY_ASSIGN(const int pid, system_.start_process(body));
    children_.try_emplace(pid);
    return pid;
}

boost::asio::awaitable<std::optional<int>> Children::wait(int pid, Deadline deadline) {
    while (!has_ended(pid)) {
        co_await changed_.wait(deadline);
        if (has_ended(pid) || Clock::now() < deadline) continue;
        system_.kill_process(pid, SIGKILL);
        children_.erase(pid); // reap() ignores its status
        co_return std::nullopt;
    }
    const auto ended = children_.extract(pid);
    co_return ended ? ended.mapped().status : std::nullopt;
}

} // namespace mkpxerd::netboot
