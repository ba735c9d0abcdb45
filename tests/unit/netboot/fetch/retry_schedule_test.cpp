// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/retry_schedule.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

AttemptEnd ended(Failure code, std::chrono::seconds not_before = 0s) {
    AttemptEnd end = AttemptEnd::again(Problem{.object = "http://h/a", .text = "broke", .code = code});
    end.not_before = not_before;
    return end;
}

bool is_about(std::optional<std::chrono::milliseconds> pause, std::chrono::milliseconds nominal) {
    return pause && *pause >= nominal * 8 / 10 && *pause <= nominal * 12 / 10;
}

} // namespace

TEST_CASE("pauses double up to eight seconds, and begin anew after an attempt with progress") {
    const Clock::time_point start{};
    RetrySchedule schedule(start + 1h);
    for (const auto nominal : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 8000ms})
        CHECK(is_about(schedule.pause_after(ended(Failure::CutOff), false, start), nominal));
    CHECK(is_about(schedule.pause_after(ended(Failure::CutOff), true, start), 500ms));
    CHECK(is_about(schedule.pause_after(ended(Failure::CutOff), false, start), 1000ms));
}

TEST_CASE("a server may ask for a longer pause, of half a minute at most") {
    const Clock::time_point start{};
    RetrySchedule schedule(start + 1h);
    CHECK(schedule.pause_after(ended(Failure::HttpServerError, 20s), false, start) == 20s);
    CHECK(schedule.pause_after(ended(Failure::HttpServerError, 3600s), false, start) == 30s);
    RetrySchedule short_one(start + 1h);
    CHECK(is_about(short_one.pause_after(ended(Failure::HttpServerError, 0s), false, start), 500ms));
}

TEST_CASE("no attempt begins after the deadline") {
    const Clock::time_point start{};
    RetrySchedule schedule(start + 10s);
    CHECK(schedule.pause_after(ended(Failure::CutOff), false, start));
    CHECK_FALSE(schedule.pause_after(ended(Failure::CutOff), true, start + 9700ms));
    CHECK_FALSE(schedule.pause_after(ended(Failure::HttpServerError, 20s), true, start));
}

TEST_CASE("a name that DNS denies three times in a row is wrong") {
    const Clock::time_point start{};
    RetrySchedule schedule(start + 1h);
    CHECK(schedule.pause_after(ended(Failure::NoSuchName), false, start));
    CHECK(schedule.pause_after(ended(Failure::NoSuchName), false, start));
    CHECK(schedule.pause_after(ended(Failure::DnsSilent), false, start)); // another reason counts anew
    CHECK(schedule.pause_after(ended(Failure::NoSuchName), false, start));
    CHECK(schedule.pause_after(ended(Failure::NoSuchName), false, start));
    CHECK_FALSE(schedule.pause_after(ended(Failure::NoSuchName), false, start));
}
