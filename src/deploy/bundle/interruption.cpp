// SPDX-License-Identifier: MIT
// A handler could do next to nothing. Threads that are made later inherit the blocked signals; other programs
// get them back (child_process.cpp).
#include "mkpxerd/deploy/bundle/interruption.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace mkpxerd::deploy {
namespace {

sigset_t signals_that_end() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            ::sigaddset(&set, number);
    }
    return set;
}

} // namespace

Interruption::Interruption(std::function<void()> clean_up) : clean_up_(std::move(clean_up)) {
    const sigset_t wanted = signals_that_end();
    signals_ = UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC));
    end_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
    ::pthread_sigmask(SIG_BLOCK, nullptr, &before_);
    if (!signals_ || !end_) return; // the signals end the program at once, as without this object
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    thread_ = std::thread([this] { wait(); });
}

Interruption::~Interruption() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    while (::write(end_.get(), &one, sizeof one) < 0 && errno == EINTR)
        continue;
    thread_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::wait() {
    pollfd events[] = {{signals_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    while (::poll(events, 2, -1) < 0 && errno == EINTR)
        continue;
    signalfd_siginfo signal{};
    if ((events[0].revents & POLLIN) == 0 || ::read(signals_.get(), &signal, sizeof signal) < 0) return;
    const std::unique_lock<std::mutex> lock(mutex_);
    clean_up_();
    const int number = static_cast<int>(signal.ssi_signo);
    ::signal(number, SIG_DFL); // whoever waits for this program sees which signal ended it
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, number);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(number);
}

} // namespace mkpxerd::deploy
