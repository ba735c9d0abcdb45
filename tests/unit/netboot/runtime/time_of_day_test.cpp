// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/time_of_day.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using Change = TimeOfDay::Change;

namespace {

// A clock that can be set, or not.
struct FakeClock {
    std::int64_t seconds = 1000;
    bool can_be_set = true;

    TimeOfDay time(std::int64_t image_time = 0) {
        return {[this] { return seconds; },
                [this](std::int64_t to) {
                    if (can_be_set) seconds = to;
                    return can_be_set;
                },
                image_time};
    }
};

} // namespace

TEST_CASE("the clock is set forward and back, and knows by whom") {
    FakeClock clock;
    TimeOfDay time = clock.time();
    CHECK(time.source() == "the machine's clock");
    CHECK(time.set(5000, "NTP 10.0.0.1") == Change::Forward);
    CHECK(clock.seconds == 5000);
    CHECK(time.now() == 5000);
    CHECK(time.source() == "NTP 10.0.0.1");
    CHECK(time.set(2000, "NTP 10.0.0.2") == Change::Back);
    CHECK(clock.seconds == 2000);
}

TEST_CASE("a second more or less is no difference") {
    FakeClock clock;
    TimeOfDay time = clock.time();
    for (const std::int64_t near : {999, 1000, 1001})
        CHECK(time.set(near, "NTP") == Change::None);
    CHECK(clock.seconds == 1000);
    CHECK(time.source() == "the machine's clock");
    CHECK(time.set(1002, "NTP") == Change::Forward);
}

TEST_CASE("a time before the image was built is refused, even if the clock is there") {
    FakeClock clock;
    TimeOfDay time = clock.time(3000);
    CHECK(time.set(2999, "NTP") == Change::Refused);
    CHECK(time.set(1000, "NTP") == Change::Refused);
    CHECK(clock.seconds == 1000);
    CHECK(time.set(3000, "NTP") == Change::Forward);
    CHECK(time.image_time() == 3000);
}

TEST_CASE("where the clock cannot be set, its difference is added") {
    FakeClock clock{.can_be_set = false};
    TimeOfDay time = clock.time();
    CHECK(time.set(5000, "NTP") == Change::Forward);
    CHECK(clock.seconds == 1000);
    CHECK(time.now() == 5000);
    clock.seconds += 10;
    CHECK(time.now() == 5010);
    CHECK(time.set(5010, "NTP") == Change::None);
    CHECK(time.set(4000, "NTP") == Change::Back);
    CHECK(time.now() == 4000);
    clock.can_be_set = true; // from then on without a difference
    CHECK(time.set(6000, "NTP") == Change::Forward);
    CHECK(time.now() == 6000);
    CHECK(clock.seconds == 6000);
}

TEST_CASE("a time is written in UTC, of any year") {
    CHECK(time_text(0) == "1970-01-01 00:00:00");
    CHECK(time_text(-1) == "1969-12-31 23:59:59");
    CHECK(time_text(1709210096) == "2024-02-29 12:34:56");
    CHECK(time_text(253402300800) == "10000-01-01 00:00:00");
}
