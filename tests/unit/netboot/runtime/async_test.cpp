// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/async.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Runs one coroutine to its end.
template <class Body>
void run(asio::io_context& io, Body body) {
    bool ended = false;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            co_await body();
            ended = true;
        },
        asio::detached);
    io.run();
    CHECK(ended);
}

} // namespace

TEST_CASE("a notifier wakes everybody who waits, a deadline wakes one, a stop wakes at once") {
    asio::io_context io(1);
    Notifier notifier(io);
    TaskGroup group(io);
    int woken = 0;
    const auto waiter = [&]() -> asio::awaitable<void> {
        co_await notifier.wait(Deadline::max());
        ++woken;
    };
    run(io, [&]() -> asio::awaitable<void> {
        group.spawn(waiter());
        group.spawn(waiter());
        co_await notifier.wait(Clock::now() + 5ms);
        CHECK(woken == 0);
        notifier.notify();
        co_await group.join();
        CHECK(woken == 2);
        std::stop_source stop;
        stop.request_stop();
        co_await notifier.wait(Deadline::max(), stop.get_token());
        std::stop_source later;
        group.spawn([](asio::io_context& context, std::stop_source source) -> asio::awaitable<void> {
            co_await sleep_until(context, Clock::now() + 5ms);
            source.request_stop();
        }(io, later));
        co_await sleep_until(io, Deadline::max(), later.get_token());
        co_await group.join();
    });
}

TEST_CASE("an interrupt acts once at its deadline, which may be moved, and not after its end") {
    asio::io_context io(1);
    int acted = 0;
    run(io, [&]() -> asio::awaitable<void> {
        {
            Interrupt interrupt(io, Clock::now() + 10ms, {}, [&] { ++acted; });
            interrupt.postpone(Clock::now() + 40ms);
            co_await sleep_until(io, Clock::now() + 25ms);
            CHECK(acted == 0);
            CHECK_FALSE(interrupt.fired());
            co_await sleep_until(io, Clock::now() + 30ms);
            CHECK(acted == 1);
            CHECK(interrupt.fired());
        }
        {
            const Interrupt dropped(io, Clock::now() + 5ms, {}, [&] { ++acted; });
        }
        co_await sleep_until(io, Clock::now() + 15ms);
        CHECK(acted == 1);
        std::stop_source stop;
        Interrupt stopped(io, Deadline::max(), stop.get_token(), [&] { ++acted; });
        stop.request_stop();
        CHECK(stopped.fired());
        CHECK(acted == 2);
        Interrupt late(io, Deadline::max(), stop.get_token(), [&] { ++acted; });
        CHECK(late.fired());
        CHECK(acted == 3);
    });
}
