// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/watchdog.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <future>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure_text.hpp"
#include "fake_clock.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

// A watched process 1 that hangs, unless it writes.
struct Machine {
    Machine() {
        system.write("/dev/null", ""); // makes the directory
        REQUIRE(::mkfifo(system.host("/dev/kmsg").c_str(), 0600) == 0);
        kmsg.reset(::open(system.host("/dev/kmsg").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
        system.write("/proc/1/wchan", "rpc_wait_bit_killable");
        use_processor(7);
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
    }
    void use_processor(unsigned ticks) { // at once, as the kernel's file changes
        system.write("/proc/1/new",
                     fmt::format("1 (in it) D 0 0 0 0 -1 4 1 0 0 0 {} 2 0 0 20 0 1 0 1 1 1\n", ticks));
        std::filesystem::rename(system.host("/proc/1/new"), system.host("/proc/1/stat"));
    }
    void write(std::string_view line) const { (void)!::write(write_end.get(), line.data(), line.size()); }
    std::future<int> watch(WatchRules rules) {
        rules.look = 1ms;
        return std::async(std::launch::async,
                          [=, this] { return run_watchdog(system, read_end.get(), rules); });
    }
    // Everything that was said up to now; waits for more at most so long.
    const std::string& said(std::chrono::milliseconds patience = 0ms) {
        pollfd more{kmsg.get(), POLLIN, 0};
        std::array<char, 4096> buffer{};
        if (::poll(&more, 1, static_cast<int>(patience.count())) > 0)
            if (const ssize_t got = ::read(kmsg.get(), buffer.data(), buffer.size()); got > 0)
                text.append(buffer.data(), static_cast<std::size_t>(got));
        return text;
    }
    bool says(std::string_view part) {
        const auto end = std::chrono::steady_clock::now() + 15s;
        while (text.find(part) == std::string::npos && std::chrono::steady_clock::now() < end) {
            test::set_forward(10ms);
            said(1ms);
        }
        return text.find(part) != std::string::npos;
    }

    test::FakeSystem system;
    UniqueFd read_end;
    UniqueFd write_end;
    UniqueFd kmsg;
    std::string text;
};

} // namespace

TEST_CASE("a process 1 that hangs is told with its stage and where the kernel waits, and restarted") {
    Machine machine;
    auto watched = machine.watch({50ms, 200ms, {OnFail::Kind::Countdown, 0, true}});
    machine.write("options\n\nroot\n\n");
    CHECK(
        machine.says("<2>mkpxerd: MPX-SYS-04 root: blocked in the kernel for 0 s (rpc_wait_bit_killable): "));
    CHECK(watched.get() == 1);
    CHECK(machine.says("failed MPX-SYS-04 root: no progress for 0 s: restart in 0 s"));
    CHECK(machine.system.calls() == std::vector<std::string>{"reboot"});
}

TEST_CASE("a hang that ends is reported, and the hand-over ends the watch") {
    Machine machine;
    auto watched = machine.watch({50ms, 60s, {}});
    machine.write("media\n");
    CHECK(machine.says("MPX-SYS-04 media: blocked"));
    machine.use_processor(107);
    CHECK(machine.says("media: continues"));
    machine.write_end.reset();
    CHECK(watched.get() == 0);
    CHECK(machine.system.calls().empty());
}

TEST_CASE("what is read while process 1 uses hardly any processor time is a sign of life") {
    Machine machine;
    auto watched = machine.watch({50ms, 60s, {}});
    machine.write("media\n");
    CHECK(machine.says("MPX-SYS-04 media: blocked"));
    machine.system.write("/proc/1/io", "rchar: 4096\nwchar: 0\n");
    CHECK(machine.says("media: continues"));
    machine.write_end.reset();
    CHECK(watched.get() == 0);
}

// Inside the kernel process 1 sends a lost NFS call anew, again and again: a tick of the clock may find it
// there.
TEST_CASE("ticks that process 1 spends in a call that never ends are no sign of life") {
    Machine machine;
    auto watched = machine.watch({50ms, 300ms, {OnFail::Kind::Countdown, 0, true}});
    machine.write("modloop\n");
    for (unsigned ticks = 8; watched.wait_for(3ms) != std::future_status::ready && ticks < 26; ++ticks) {
        test::set_forward(30ms);
        machine.use_processor(ticks);
    }
    CHECK(watched.get() == 1);
    CHECK(machine.says("failed MPX-SYS-04 modloop: no progress for 0 s: restart in 0 s"));
    CHECK(machine.text.find("continues") == std::string::npos);
}

TEST_CASE("the watch ends when /proc moves to the new root") {
    Machine machine;
    auto watched = machine.watch({50ms, 60s, {OnFail::Kind::Countdown, 0, true}});
    machine.write("handover\n");
    CHECK(machine.says("MPX-SYS-04 handover: blocked"));
    std::filesystem::remove(machine.system.host("/proc/1/stat"));
    CHECK(watched.get() == 0);
    CHECK(machine.system.calls().empty());
}

TEST_CASE("signs of life reach the watching process through the pipe, and its end does") {
    Machine machine;
    boost::asio::io_context io(1);
    Watchdog watchdog(io, machine.system);
    CHECK_FALSE(watchdog.is_started());
    REQUIRE(watchdog.start({5ms, 60s, {}, 1ms}));
    CHECK(watchdog.is_started());
    watchdog.enter("root");
    CHECK(machine.says("MPX-SYS-04 root: blocked in the kernel"));
}
