// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/loader_threads.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

using namespace mkpxerd::netboot;

TEST_CASE("a call that does not return holds up no other, and the end waits for it") {
    LoaderThreads threads;
    std::promise<void> released;
    std::atomic<bool> slow_ended = false;
    threads.run([&] {
        released.get_future().wait();
        slow_ended = true;
    });
    std::promise<void> fast;
    threads.run([&] { fast.set_value(); });
    fast.get_future().wait(); // while the first one still runs
    CHECK_FALSE(slow_ended);
    released.set_value();
    threads.finish();
    CHECK(slow_ended);
}

TEST_CASE("every call runs, however many come at once") {
    LoaderThreads threads;
    std::atomic<int> calls = 0;
    for (int i = 0; i < 100; ++i)
        threads.run([&] { ++calls; });
    threads.finish();
    CHECK(calls == 100);
}
