// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/rescue.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include "fake_system.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine {
    test::FakeSystem system;
    ConsoleLog log{system.host("/")};
    boost::asio::io_context io{1};
    Children children{io, system};
    Rescue rescue{io, system, log, children, {.retry_pause = 30ms, .shortest_visit = 5s, .second = 20ms}};

    // True: the failed step is tried again. False: it does not come back.
    bool comes_back(OnFail on_fail, std::chrono::milliseconds patience) {
        bool returned = false;
        boost::asio::co_spawn(io, rescue.after_failure(on_fail),
                              [&](std::exception_ptr) { returned = true; });
        return test::run_until(
            io, [&] { return returned; }, patience);
    }
    bool said(std::string_view text) const {
        const auto& lines = log.lines();
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& l) { return l.text.find(text) != std::string::npos; });
    }
};

} // namespace

TEST_CASE("without a shell the machine restarts after the countdown") {
    Machine machine;
    CHECK_FALSE(machine.comes_back({OnFail::Kind::Countdown, 1, true}, 200ms));
    CHECK(machine.system.calls() == std::vector<std::string>{"reboot"});
    CHECK(machine.said("restart in 1 s"));
    CHECK_FALSE(machine.said("any key"));
}

TEST_CASE("onfail=poweroff and onfail=retry do as they say") {
    Machine machine;
    CHECK_FALSE(machine.comes_back({OnFail::Kind::PowerOff, 30, true}, 100ms));
    CHECK(machine.system.calls() == std::vector<std::string>{"poweroff"});
    Machine other;
    CHECK(other.comes_back({OnFail::Kind::Retry, 30, true}, 7s));
    CHECK(other.system.calls().empty());
}

TEST_CASE("leaving the shell continues the boot") {
    Machine machine;
    machine.system.program("/bin/sh", "#!/bin/sh\n");
    const auto begin = Clock::now();
    CHECK(machine.comes_back({OnFail::Kind::Shell, 30, true}, 15s));
    CHECK(machine.system.calls().empty());
    CHECK(Clock::now() - begin >= 30ms); // nobody was there: no second try at once
}

TEST_CASE("a shell that cannot be executed does not count") {
    Machine machine;
    machine.system.program("/bin/busybox", "");
    CHECK_FALSE(machine.comes_back({OnFail::Kind::Shell, 0, true}, 2s));
    CHECK(machine.said("/bin/busybox cannot be executed"));
    CHECK(machine.system.calls() == std::vector<std::string>{"reboot"});
}

TEST_CASE("panic= offers no shell") {
    Machine machine;
    machine.system.program("/bin/sh", "");
    CHECK_FALSE(machine.comes_back({OnFail::Kind::Shell, 0, false}, 100ms));
    CHECK(machine.system.calls() == std::vector<std::string>{"reboot"});
}

TEST_CASE("a restart that the kernel refuses is said, and the init lives on") {
    Machine machine;
    machine.system.answer("reboot", std::errc::operation_not_permitted);
    CHECK_FALSE(machine.comes_back({OnFail::Kind::Countdown, 0, true}, 100ms));
    CHECK(machine.said("reboot"));
}
