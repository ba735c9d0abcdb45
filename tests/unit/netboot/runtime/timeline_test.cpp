// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/timeline.hpp"

#include <catch2/catch.hpp>

#include "fake_clock.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;
using Lane = Timeline::Lane;
using Step = Timeline::Step;

TEST_CASE("an event has its first times, and none after its end") {
    Timeline timeline;
    timeline.begin(Lane::Interfaces, "eth0", "virtio_net");
    timeline.reach(Lane::Interfaces, "eth0", Step::Discover);
    const auto first = timeline.events(Lane::Interfaces).front().steps[1];
    REQUIRE(first);
    test::set_forward(1s);
    timeline.reach(Lane::Interfaces, "eth0", Step::Discover); // the second DISCOVER
    CHECK(timeline.events(Lane::Interfaces).front().steps[1] == first);
    timeline.end(Lane::Interfaces, "eth0");
    timeline.reach(Lane::Interfaces, "eth0", Step::Lease);
    timeline.fail(Lane::Interfaces, "eth0", Error("eth0", "is gone"));
    const auto& event = timeline.events(Lane::Interfaces).front();
    CHECK(event.end >= event.begin + 1s);
    CHECK(!event.steps[3]);
    CHECK(!event.problem);
}

TEST_CASE("a failed event goes on with another attempt, and its failure is over") {
    Timeline timeline;
    timeline.begin(Lane::Phases, "root");
    timeline.fail(Lane::Phases, "root", Error("nfs:h:/x", "no answer"));
    REQUIRE(timeline.events(Lane::Phases).front().problem);
    timeline.again(Lane::Phases, "root");
    CHECK(!timeline.events(Lane::Phases).front().problem);
    CHECK(!timeline.events(Lane::Phases).front().end);
    CHECK(timeline.events(Lane::Phases).front().attempts == 2);
    timeline.end(Lane::Phases, "root");
    timeline.resume(Lane::Phases, "root"); // two phases of one name
    CHECK(timeline.events(Lane::Phases).front().attempts == 2);
    CHECK(!timeline.events(Lane::Phases).front().end);
}

TEST_CASE("the first byte of a download is when bytes first come") {
    Timeline timeline;
    timeline.receive("modloop", 10); // nobody began it
    timeline.begin(Lane::Downloads, "modloop", "http://h/m");
    timeline.receive("modloop", 100);
    const auto first = timeline.events(Lane::Downloads).front().steps[6];
    CHECK(first);
    timeline.receive("modloop", 200);
    CHECK(timeline.events(Lane::Downloads).front().bytes == 200);
    CHECK(timeline.events(Lane::Downloads).front().steps[6] == first);
}

TEST_CASE("a boot that retries for days keeps the newest events") {
    Timeline timeline;
    for (int i = 0; i < 1000; ++i)
        timeline.begin(Lane::Mounts, "/media/" + std::to_string(i));
    CHECK(timeline.events(Lane::Mounts).size() == Timeline::max_events);
    CHECK(timeline.events(Lane::Mounts).back().name == "/media/999");
    CHECK(timeline.dropped() == 1000 - Timeline::max_events);
}
