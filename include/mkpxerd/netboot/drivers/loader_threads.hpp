// SPDX-License-Identifier: MIT
// Threads of the process that loads modules. One is started whenever a call finds none idle: how many calls
// may run at once is the sender's business.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace mkpxerd::netboot {

class LoaderThreads {
  public:
    using Call = std::function<void()>;

    LoaderThreads() = default;
    LoaderThreads(const LoaderThreads&) = delete;
    LoaderThreads& operator=(const LoaderThreads&) = delete;

    // Runs it on a thread; itself, if the kernel refuses one.
    void run(Call call);
    // Returns when all calls have returned; there must be no call after it.
    void finish();

  private:
    bool start_thread();
    void work();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Call> waiting_;
    std::size_t idle_ = 0; // threads
    bool finishing_ = false;
    std::vector<pthread_t> threads_;
};

} // namespace mkpxerd::netboot
