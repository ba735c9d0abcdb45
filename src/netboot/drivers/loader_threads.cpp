// SPDX-License-Identifier: MIT
// POSIX threads, because std::thread has neither a stack size nor an error without an exception.
#include "mkpxerd/netboot/drivers/loader_threads.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t stack_size = 512 << 10; // only what a thread touches is in memory

} // namespace

void LoaderThreads::run(Call call) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(call));
        if (idle_ >= waiting_.size()) {
            wake_.notify_one();
            return;
        }
    }
    if (start_thread()) return;
    std::unique_lock lock(mutex_);
    if (waiting_.empty()) return; // a thread has become idle
    const Call own = std::move(waiting_.back());
    waiting_.pop_back();
    lock.unlock();
    own();
}

bool LoaderThreads::start_thread() {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t thread{};
    const auto start = [](void* self) -> void* {
        static_cast<LoaderThreads*>(self)->work();
        return nullptr;
    };
    const bool started = ::pthread_create(&thread, &attributes, start, this) == 0;
    ::pthread_attr_destroy(&attributes);
    if (started) threads_.push_back(thread);
    return started;
}

void LoaderThreads::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        wake_.wait(lock, [this] { return finishing_ || !waiting_.empty(); });
        --idle_;
        if (waiting_.empty()) return;
        const Call call = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        call();
        lock.lock();
    }
}

void LoaderThreads::finish() {
    {
        const std::lock_guard lock(mutex_);
        finishing_ = true;
    }
    wake_.notify_all();
    for (const pthread_t thread : threads_)
        ::pthread_join(thread, nullptr);
    threads_.clear();
}

} // namespace mkpxerd::netboot
