// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/children.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "fake_system.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("children are waited for, and their status is told") {
    boost::asio::io_context io(1);
    test::FakeSystem system;
    Children children(io, system);
    const int first = children.start([] { return 7; }).value();
    const int second = children.start([] { return ::raise(SIGTERM); }).value();
    CHECK(test::run(io, children.wait(second, Clock::now() + 10s)) == 128 + SIGTERM);
    CHECK(test::run(io, children.wait(first, Clock::now() + 10s)) == 7);
}

TEST_CASE("the end of a child stops what is done for it") {
    boost::asio::io_context io(1);
    test::FakeSystem system;
    Children children(io, system);
    const int child = children.start([] { return 0; }).value();
    bool stopped = false;
    const std::stop_callback at_end(children.end_of(child), [&] { stopped = true; });
    CHECK_FALSE(stopped);
    CHECK(test::run(io, children.wait(child, Clock::now() + 10s)) == 0);
    CHECK(stopped);
}

TEST_CASE("a child that hangs is killed at the deadline") {
    boost::asio::io_context io(1);
    test::FakeSystem system;
    Children children(io, system);
    const int child = children.start([] { return static_cast<int>(::sleep(100)); }).value();
    CHECK_FALSE(test::run(io, children.wait(child, Clock::now())));
    // Reaped, so that it is gone.
    const auto gone = [&]() -> boost::asio::awaitable<bool> {
        for (int i = 0; i < 100 && ::kill(child, 0) == 0; ++i)
            co_await sleep_until(io, Clock::now() + 10ms);
        co_return ::kill(child, 0) != 0;
    };
    CHECK(test::run(io, gone()));
}

TEST_CASE("what a child has started ends with it at the deadline") {
    boost::asio::io_context io(1);
    test::FakeSystem system;
    Children children(io, system);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const int child = children
                          .start([&] {
                              (void)::fork(); // both of them hold the pipe
                              (void)!::write(write_end.get(), "x", 1);
                              return static_cast<int>(::sleep(100));
                          })
                          .value();
    write_end.reset();
    for (int i = 0; i < 2; ++i) { // until both are there
        char byte = 0;
        REQUIRE(::read(read_end.get(), &byte, 1) == 1);
    }
    CHECK_FALSE(test::run(io, children.wait(child, Clock::now())));
    pollfd closed{read_end.get(), POLLIN, 0};
    int ready = 0;
    do { // the SIGCHLD of the killed child may come now
        ready = ::poll(&closed, 1, 10'000);
    } while (ready < 0 && errno == EINTR);
    REQUIRE(ready == 1);
    CHECK((closed.revents & POLLHUP) != 0);
}
