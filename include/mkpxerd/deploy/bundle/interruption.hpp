// SPDX-License-Identifier: MIT
// What is tidied up when Ctrl-C ends the program.
#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::deploy {

// While this object lives, SIGINT, SIGTERM and SIGHUP call clean_up before they end the program, unless they
// were ignored before. clean_up runs on a thread of its own, beside the others, so it may use everything that
// these do not change meanwhile.
class Interruption {
  public:
    explicit Interruption(std::function<void()> clean_up);
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption();

    // A signal has no effect until the lock is released.
    std::unique_lock<std::mutex> postpone() { return std::unique_lock(mutex_); }

  private:
    void wait();

    std::function<void()> clean_up_;
    std::mutex mutex_;
    sigset_t before_{}; // the signals that this thread did not get
    UniqueFd signals_;
    UniqueFd end_; // readable: the object ends
    std::thread thread_;
};

} // namespace mkpxerd::deploy
