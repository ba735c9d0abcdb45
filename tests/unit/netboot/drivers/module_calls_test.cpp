// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_calls.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <sys/wait.h>

#include "fake_system.hpp"
#include "memory_log.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Lab {
    explicit Lab(LoadMode mode) : mode_(mode) {}
    ~Lab() {
        calls.reset();
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }
    // Begins when the test runs the loop.
    void call(const std::string& name, Urgency urgency = Urgency::Device) {
        if (!calls) calls.emplace(io, system, log, mode_, 2);
        tasks.spawn(run_call(calls->queue(name, {}), "/m/" + name + ".ko", urgency));
    }
    boost::asio::awaitable<void> run_call(std::size_t load, std::string path, Urgency urgency) {
        const ModuleAnswer answer = co_await calls->call(load, path, {}, urgency);
        ended.push_back(calls->loads()[load].name + (answer.error ? ": " + answer.detail : ""));
    }
    bool run_until(const std::function<bool()>& done) { return test::run_until(io, done, 10s); }
    bool run_until_ended(std::size_t count) {
        return run_until([&] { return ended.size() >= count; });
    }

    boost::asio::io_context io{1};
    test::FakeSystem system;
    test::MemoryLog log;
    TaskGroup tasks{io};
    LoadMode mode_;
    std::optional<ModuleCalls> calls;
    std::vector<std::string> ended;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a module that does not return leaves the others' times and answers alone") {
    Lab lab(LoadMode::SideBySide);
    lab.system.hold("slow.ko");
    lab.call("slow");
    lab.call("fast");
    REQUIRE(lab.run_until_ended(1));
    CHECK(lab.ended == Names{"fast"});
    const auto& loads = lab.calls->loads();
    CHECK(is_running(loads[0]));
    CHECK(loads[1].ended >= loads[1].begun);
    CHECK(loads[1].begun >= loads[1].queued);
    lab.system.let_go("slow.ko");
    REQUIRE(lab.run_until_ended(2));
    CHECK(lab.system.started().size() == 1); // one process for both
}

TEST_CASE("without a process modules are loaded one after the other, the urgent ones first") {
    Lab lab(LoadMode::SideBySide);
    lab.system.refuses_processes = true;
    lab.call("first", Urgency::Rest);
    lab.call("display", Urgency::Rest);
    lab.call("nic", Urgency::Device);
    REQUIRE(lab.run_until_ended(3));
    CHECK(lab.ended == Names{"first", "nic", "display"});
    CHECK(lab.log.says("loading modules one after the other: fork: cannot start a process"));
}

TEST_CASE("a process that ends fails what it had begun, and the next call starts another") {
    Lab lab(LoadMode::SideBySide);
    lab.system.hold("bad.ko");
    lab.call("bad");
    REQUIRE(lab.run_until([&] { return lab.system.called("module /m/bad.ko"); }));
    lab.system.kill_process(lab.system.started().front(), SIGKILL);
    REQUIRE(lab.run_until_ended(1));
    CHECK(lab.ended == Names{"bad: ended the process that loaded it"});
    lab.call("good");
    REQUIRE(lab.run_until_ended(2));
    CHECK(lab.ended.back() == "good");
    CHECK(lab.system.started().size() == 2);
    lab.system.let_go("bad.ko");
}

TEST_CASE("a second attempt runs, although the first one has ended") {
    Lab lab(LoadMode::SideBySide);
    lab.system.answer("module /m/busy.ko", std::errc::device_or_resource_busy, 1);
    lab.call("busy");
    REQUIRE(lab.run_until_ended(1));
    REQUIRE(lab.calls->loads()[0].ended);
    lab.system.hold("busy.ko");
    lab.tasks.spawn(lab.run_call(0, "/m/busy.ko", Urgency::Device));
    REQUIRE(lab.run_until([&] { return lab.system.calls().size() == 2; }));
    CHECK(is_running(lab.calls->loads()[0]));
    lab.system.let_go("busy.ko");
    REQUIRE(lab.run_until_ended(2));
}

TEST_CASE("a call that a process never got, because it had ended, is given to the next one") {
    Lab lab(LoadMode::SideBySide);
    lab.system.hold("bad.ko");
    lab.call("bad");
    REQUIRE(lab.run_until([&] { return lab.system.called("module /m/bad.ko"); }));
    lab.call("good"); // begins before the loop can notice that the process has ended
    lab.system.kill_process(lab.system.started().front(), SIGKILL);
    REQUIRE(::waitpid(lab.system.started().front(), nullptr, 0) > 0);
    REQUIRE(lab.run_until_ended(2));
    CHECK(std::set<std::string>(lab.ended.begin(), lab.ended.end()) ==
          std::set<std::string>{"bad: ended the process that loaded it", "good"});
    CHECK(lab.system.started().size() == 2);
    lab.system.let_go("bad.ko");
}
