// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/program.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine {
    Result<ProgramRun> run(const std::string& script, std::chrono::milliseconds patience = 20s) {
        system.program("/bin/tool", "#!/bin/sh\n" + script);
        return test::run(
            io, run_program(io, system, log, children, {"/bin/tool", {}, {}}, {}, Clock::now() + patience));
    }
    test::FakeSystem system;
    test::MemoryLog log;
    boost::asio::io_context io{1};
    Children children{io, system};
};

} // namespace

TEST_CASE("a program is run to its end, and its last lines are kept") {
    Machine machine;
    const auto run = machine.run("echo one; echo two >&2; printf three; exit 3\n");
    REQUIRE(run);
    CHECK(run->status == 3);
    CHECK(run->last_lines == std::deque<std::string>{"one", "two", "three"});
    CHECK(machine.log.says("tool: two"));
}

TEST_CASE("what a program leaves running does not hold the boot, though it has the output open") {
    Machine machine;
    const auto begin = Clock::now();
    const auto run =
        machine.run("sleep 15 &\necho $! > " + machine.system.host("/pid").string() + "\necho done\n");
    CHECK(Clock::now() - begin < 10s);
    REQUIRE(run);
    CHECK(run->status == 0);
    CHECK(run->last_lines == std::deque<std::string>{"done"});
    // It was not ended either: it may be a daemon.
    const std::string text = read_file(machine.system.host("/pid")).value();
    const auto pid = parse_number(trim(text));
    REQUIRE(pid);
    CHECK(::kill(static_cast<pid_t>(*pid), SIGKILL) == 0);
}

TEST_CASE("much output is read whole, and a program that writes without end is not waited for") {
    Machine machine;
    const auto much = machine.run("i=0; while [ $i -lt 3000 ]; do echo line $i of many; i=$((i+1)); done\n");
    REQUIRE(much);
    CHECK(much->last_lines.back() == "line 2999 of many");
    const auto begin = Clock::now();
    const auto babbler =
        machine.run("yes babble &\necho $! > " + machine.system.host("/pid").string() + "\nexit 4\n");
    CHECK(Clock::now() - begin < 10s);
    REQUIRE(babbler);
    CHECK(babbler->status == 4);
}

TEST_CASE("a program that hangs is ended at the deadline") {
    Machine machine;
    const auto run = machine.run("echo start; sleep 60\n", 20ms);
    REQUIRE_FALSE(run);
    CHECK(run.error().first().code == "MPX-SYS-03");
}

TEST_CASE("each output gives a program its time again, up to an hour in all") {
    const Deadline begin{};
    RunTime time(begin, begin + 5min);
    CHECK(time.deadline() == begin + 5min);
    time.has_output(begin + 4min);
    CHECK(time.deadline() == begin + 9min);
    time.has_output(begin + 3min); // never earlier than before
    CHECK(time.deadline() == begin + 9min);
    time.has_output(begin + 58min);
    CHECK(time.deadline() == begin + 60min);
    RunTime late(begin + 1min, begin); // a deadline that has passed already
    late.has_output(begin + 2min);
    CHECK(late.deadline() == begin + 2min);
}
