// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/stall_watch.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

const Clock::time_point start{1h};

// What is said when the silence is looked at each second.
std::vector<std::string> lines_of(StallWatch& watch, std::chrono::seconds from, std::chrono::seconds to) {
    std::vector<std::string> lines;
    for (auto second = from; second <= to; ++second)
        for (const std::string& line : watch.silent(start + second, "rpc_wait"))
            lines.push_back(line.substr(0, line.find(": a file server")));
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE(
    "a silence is reported with its stage and place after each interval, and is a failure at the limit") {
    StallWatch watch({20s, 50s, {OnFail::Kind::Countdown, 10, true}}, start);
    watch.enter("root");
    CHECK(lines_of(watch, 1s, 60s) == Lines{"MPX-SYS-04 root: blocked in the kernel for 20 s (rpc_wait)",
                                            "MPX-SYS-04 root: blocked in the kernel for 40 s (rpc_wait)",
                                            "failed MPX-SYS-04 root: no progress for 50 s: restart in 10 s",
                                            "MPX-SYS-04 root: blocked in the kernel for 60 s (rpc_wait)"});
    CHECK_FALSE(watch.is_over(start + 59s));
    CHECK(watch.is_over(start + 60s));
}

TEST_CASE("a hang that ends is reported only if it was reported before, and the full time starts again") {
    StallWatch watch({20s, 50s, {OnFail::Kind::Countdown, 0, true}}, start);
    watch.enter("media");
    CHECK(watch.live(start + 19s) == std::nullopt);
    CHECK(lines_of(watch, 20s, 45s).size() == 1);
    CHECK(watch.live(start + 46s) == "media: continues");
    CHECK(lines_of(watch, 47s, 95s).size() == 2);
    CHECK_FALSE(watch.is_over(start + 95s));
    CHECK(lines_of(watch, 96s, 96s) ==
          Lines{"failed MPX-SYS-04 media: no progress for 50 s: restart in 0 s"});
    CHECK(watch.is_over(start + 96s));
    CHECK(watch.live(start + 97s)); // in the last moment
    CHECK_FALSE(watch.is_over(start + 97s));
}

TEST_CASE("a machine is powered off at once, and only restarted when that is what a failure means") {
    StallWatch off({20s, 30s, {OnFail::Kind::PowerOff, 30, true}}, start);
    CHECK(lines_of(off, 30s, 30s).front() == "failed MPX-SYS-04 : no progress for 30 s: powering off");
    CHECK(off.is_over(start + 30s));
    for (const OnFail on_fail :
         {OnFail{OnFail::Kind::Countdown, -1, false}, OnFail{OnFail::Kind::Shell, 30, true},
          OnFail{OnFail::Kind::Retry, 30, true}}) {
        StallWatch watch({20s, 30s, on_fail}, start);
        CHECK(lines_of(watch, 1s, 99s).size() == 4);
        CHECK_FALSE(watch.is_over(start + 99s));
    }
}
