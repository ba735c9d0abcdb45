// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/key_watch.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <pty.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"
#include "refused_call.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Terminal {
    Terminal() {
        int master_fd = -1;
        int slave_fd = -1;
        char name[64] = {};
        REQUIRE(::openpty(&master_fd, &slave_fd, name, nullptr, nullptr) == 0);
        master.reset(master_fd);
        slave.reset(slave_fd);
        path = name;
    }
    bool is_canonical() const {
        termios settings{};
        REQUIRE(::tcgetattr(slave.get(), &settings) == 0);
        return (settings.c_lflag & ICANON) != 0;
    }
    UniqueFd master;
    UniqueFd slave;
    std::string path;
};

} // namespace

TEST_CASE("a key on any console is seen at once, and the terminal is put back") {
    boost::asio::io_context io(1);
    const Terminal first;
    const Terminal second;
    {
        KeyWatch keys(io, {first.path, "/dev/null", "/missing", second.path});
        CHECK_FALSE(second.is_canonical());
        CHECK_FALSE(test::run(io, keys.wait(Clock::now() + 20ms)));
        REQUIRE(::write(second.master.get(), "x", 1) == 1);
        CHECK(test::run(io, keys.wait(Clock::now() + 10s)) == second.path);
    }
    CHECK(second.is_canonical());
    io.restart();
    io.poll(); // handlers of what was closed find nothing to do
}

TEST_CASE("a console that cannot be waited for keeps its mode, and nothing stays open") {
    const Terminal terminal;
    CHECK(test::with_refused_call(SYS_epoll_ctl, ENOSPC, [&] {
              boost::asio::io_context io(1);
              const int inside = ::dup(0); // io_context has descriptors of its own
              ::close(inside);
              KeyWatch keys(io, {terminal.path});
              const int after = ::dup(0);
              return terminal.is_canonical() && after == inside ? 0 : 1;
          }) == 0);
    CHECK(terminal.is_canonical());
}
