// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/phase_runner.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine : test::BootBench {
    Machine() {
        values.options.on_fail.kind = OnFail::Kind::Retry;
        values.image.mkpxerd_version = "1.2.3";
    }
    // A phase that fails so many times.
    PhaseRunner::Phase failing(unsigned times, Problem problem) {
        return [this, times, problem, failed = 0U]() mutable -> Task<void> {
            return attempt(failed++ < times ? std::optional(problem) : std::nullopt);
        };
    }
    Task<void> attempt(std::optional<Problem> problem) {
        ++attempts;
        if (problem) co_return fail(Error(std::move(*problem)));
        co_return Result<void>();
    }
    void run_phase(std::string_view stage, PhaseRunner::Phase phase) {
        bool done = false;
        const auto run = [&]() -> boost::asio::awaitable<void> {
            co_await runner.run(stage, phase);
            done = true;
        };
        TaskGroup group(io);
        group.spawn(run());
        CHECK(test::run_until(
            io, [&] { return done; }, 10s));
    }
    std::string report() const { return content("/run/mkpxerd/report.json"); }

    BootValues values;
    PhaseRunner runner{services, values, {.retry_pause = 0ms, .shortest_visit = 0ms, .second = 1ms}};
    unsigned attempts = 0;
};

const Problem refused = {
    .object = "/dev/sda", .text = "cannot mount", .hint = "look at it", .code = Failure::MountFailed};

} // namespace

TEST_CASE("a phase is run until it has succeeded, each failure told and reported") {
    Machine machine;
    machine.run_phase("root", machine.failing(2, refused));
    CHECK(machine.attempts == 3);
    CHECK(machine.says("failed MPX-MNT-01 root: /dev/sda: cannot mount"));
    CHECK(machine.says("hint: look at it"));
    CHECK(machine.says("continuing from root"));
    const std::string report = machine.report();
    CHECK(report.find("\"result\": \"failed\"") != std::string::npos);
    CHECK(report.find("\"stage\": \"root\"") != std::string::npos);
    CHECK(report.find("\"attempts\": 2") != std::string::npos); // this was the second
    CHECK(machine.system.calls().empty());
}

TEST_CASE("a failure whose object is its stage names it once") {
    Machine machine;
    machine.run_phase(
        "network",
        machine.failing(1, {.object = "network", .text = "no carrier", .code = Failure::NoCarrier}));
    CHECK(machine.says("failed MPX-NET-04 network: no carrier"));
    CHECK_FALSE(machine.says("network: network:"));
    machine.run_phase("start", machine.failing(1, {.text = "no image", .code = Failure::NoCarrier}));
    CHECK(machine.says("failed MPX-NET-04 start: no image"));
}

TEST_CASE("a phase that succeeds is run once, and leaves no report") {
    Machine machine;
    machine.run_phase("root", machine.failing(0, refused));
    CHECK(machine.attempts == 1);
    CHECK_FALSE(machine.exists("/run/mkpxerd/report.json"));
}

TEST_CASE("phases of one stage are one in the report, and done ones are not run again") {
    Machine machine;
    machine.run_phase("apkovl", machine.failing(0, refused));
    machine.run_phase("apkovl", machine.failing(1, refused));
    machine.run_phase("packages", machine.failing(1, refused));
    CHECK(machine.attempts == 5);
    const std::string report = machine.report();
    // Once among the stages, once in the timeline.
    for (const std::string& part :
         {report.substr(0, report.find("\"timeline\"")), report.substr(report.find("\"timeline\""))}) {
        CHECK(part.find("\"name\": \"apkovl\"") == part.rfind("\"name\": \"apkovl\""));
        CHECK(part.find("\"name\": \"packages\"") != std::string::npos);
    }
    const auto& phases = machine.log.timeline().events(Timeline::Lane::Phases);
    REQUIRE(phases.size() == 2);
    CHECK(phases[0].attempts == 2);
    CHECK(phases[0].end <= phases[1].begin);
    CHECK(!phases[1].problem); // it succeeded in the end
    CHECK(phases[1].end);
}

TEST_CASE("after a failure there is the whole time again, and modules may be tried anew") {
    Machine machine;
    machine.system.write("/lib/modules/6.1.0-9-lts/modules.dep", "disk.ko:\n");
    machine.values.modules = std::make_unique<ModuleLoader>(
        machine.io, machine.system, machine.log, read_modules(machine.system, machine.log).value());
    machine.system.answer("module", std::errc::io_error, 1);
    const auto load = [&] {
        return machine.run(machine.values.modules->load("disk", {}, Urgency::Device, Deadline::max()));
    };
    CHECK_FALSE(load());
    machine.values.options.timeout = 1000;
    machine.time.renew(0s);
    machine.run_phase("root", machine.failing(1, refused));
    CHECK(machine.time.deadline() > Clock::now() + 900s);
    CHECK(load());
}

TEST_CASE("a problem without a code gets that of a system call, one behind it is shown as it is") {
    Machine machine;
    const auto phase = [&machine, failed = false]() mutable -> Task<void> {
        return machine.attempt(
            std::exchange(failed, true) ? std::nullopt : std::optional(Problem{.object = "a", .text = "b"}));
    };
    machine.run_phase("start", phase);
    CHECK(machine.says("failed MPX-SYS-01 start: a: b"));
}

TEST_CASE("without a retry the machine restarts, and the phase does not go on") {
    Machine machine;
    machine.values.options.on_fail = {OnFail::Kind::Countdown, 0, false};
    TaskGroup group(machine.io);
    group.spawn(machine.runner.run("root", machine.failing(1, refused)));
    CHECK(test::run_until(
        machine.io, [&] { return machine.system.called("reboot"); }, 5s));
    CHECK(machine.attempts == 1);
}

TEST_CASE("the hand-over is reported with its stages") {
    Machine machine;
    machine.run_phase("handover", machine.failing(0, refused));
    machine.run_to_end(machine.runner.report_handover());
    CHECK(machine.report().find("\"result\": \"handover\"") != std::string::npos);
    CHECK(machine.report().find("\"image\": \"1.2.3\"") != std::string::npos);
}
