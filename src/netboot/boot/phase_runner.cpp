// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/phase_runner.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::chrono::seconds min_blocked(60); // slow drivers and journal replays take long

std::chrono::milliseconds between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

} // namespace

PhaseRunner::PhaseRunner(BootServices services, BootValues& values, RescuePace pace)
    : services_(services), values_(values),
      reporter_(services.io, services.system, services.log, values, Clock::now()),
      rescue_(services.io, services.system, services.log, services.children, pace),
      watchdog_(services.io, services.system) {}

boost::asio::awaitable<void> PhaseRunner::run(std::string_view stage, Phase phase) {
    enter(stage);
    Timeline& timeline = services_.log.timeline();
    while (true) {
        watchdog_.enter(stage);
        const auto done = co_await phase();
        stages_.back().took = between(started(), Clock::now()) - stages_.back().begin;
        if (done) {
            timeline.end(Timeline::Lane::Phases, stage);
            co_return;
        }
        timeline.fail(Timeline::Lane::Phases, stage, done.error());
        co_await recover(stage, done.error().problems());
        ++stages_.back().attempts;
        timeline.again(Timeline::Lane::Phases, stage);
    }
}

void PhaseRunner::enter(std::string_view stage) {
    Timeline& timeline = services_.log.timeline();
    if (!stages_.empty() && stages_.back().name == stage) {
        timeline.resume(Timeline::Lane::Phases, stage);
        return;
    }
    timeline.begin(Timeline::Lane::Phases, std::string(stage));
    stages_.push_back({std::string(stage), between(started(), Clock::now()), {}, 1});
    services_.log.detail(LogSubject::Stages, fmt::format("stage {}", stage));
}

void PhaseRunner::start_watchdog(const BootOptions& options) {
    if (watchdog_.is_started()) return;
    WatchRules rules;
    rules.limit = std::max(min_blocked, std::chrono::seconds(options.timeout));
    rules.on_fail = options.on_fail;
    if (const auto started = watchdog_.start(rules); !started) {
        services_.log.warning(started.error().text());
        return;
    }
    watchdog_.enter(stages_.empty() ? "" : stages_.back().name);
    services_.background.spawn(watchdog_.beat());
}

void PhaseRunner::tell(std::string_view stage, const std::vector<Problem>& problems) {
    ConsoleLog& log = services_.log;
    for (const Problem& problem : problems) {
        // A problem without a code explains the one before it: a line about each interface.
        if (problem.code == Failure::None) {
            log.failure(to_text(problem));
            continue;
        }
        const bool is_named = problem.object.empty() || problem.object == stage;
        log.failure(fmt::format("failed {} {}: {}{}{}", code_text(problem.code), stage,
                                is_named ? "" : problem.object, is_named ? "" : ": ", problem.text));
        if (!problem.hint.empty()) log.failure(fmt::format("hint: {}", problem.hint));
    }
    for (const std::string& device : reporter_.devices_without_driver())
        log.failure(fmt::format("no driver for {}", device));
}

boost::asio::awaitable<void> PhaseRunner::recover(std::string_view stage, std::vector<Problem> problems) {
    if (problems.front().code == Failure::None) problems.front().code = Failure::SystemCallFailed;
    tell(stage, problems);
    co_await reporter_.report_failure(problems.front(), stage, stages_);
    co_await rescue_.after_failure(values_.options.on_fail);
    services_.log.step(fmt::format("continuing from {}", stage));
    services_.time.renew(std::chrono::seconds(values_.options.timeout));
    if (values_.modules) values_.modules->forget_failures();
}

} // namespace mkpxerd::netboot
