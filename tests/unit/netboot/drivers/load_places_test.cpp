// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/load_places.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point start{1000s};
constexpr auto a_moment = LoadPlaces::moment;

// What begins now.
std::vector<std::size_t> begun(LoadPlaces& places, Clock::time_point now) {
    std::vector<std::size_t> all;
    while (const auto next = places.begin(now))
        all.push_back(*next);
    return all;
}

using Loads = std::vector<std::size_t>;

} // namespace

TEST_CASE("as many load at once as there are places, the most urgent first, then as they were queued") {
    LoadPlaces places(2);
    places.add(1, Urgency::Bus);
    places.add(2, Urgency::Device);
    places.add(3, Urgency::Bus);
    CHECK(begun(places, start) == Loads{2, 1});
    CHECK(places.look_again(start) == start + a_moment);
    places.end(2);
    CHECK(begun(places, start) == Loads{3});
    CHECK_FALSE(places.look_again(start)); // nothing is queued
    CHECK(LoadPlaces::of_this_machine() >= 2);
    CHECK(LoadPlaces::of_this_machine() <= 8);
}

TEST_CASE("one that waits for its hardware takes no place, up to a bound") {
    LoadPlaces places(2);
    for (std::size_t load = 0; load < 40; ++load)
        places.add(load, Urgency::Device);
    std::size_t running = 0;
    for (auto now = start; now < start + 40 * a_moment; now += a_moment)
        running += begun(places, now).size();
    CHECK(running == LoadPlaces::most_calls);
    places.end(0);
    CHECK(begun(places, start + 50 * a_moment) == Loads{LoadPlaces::most_calls});
}

TEST_CASE("what nothing needs begins when no needed one is queued or busy") {
    LoadPlaces places(4);
    places.add(1, Urgency::Rest);
    places.add(2, Urgency::Device);
    places.add(3, Urgency::Soon);
    CHECK(begun(places, start) == Loads{2});
    CHECK(places.look_again(start) == start + a_moment);
    CHECK(begun(places, start + a_moment) == Loads{3, 1}); // 2 waits for its hardware
}

TEST_CASE("no number of slow drivers that nothing needs holds up one that is needed") {
    LoadPlaces places(2);
    for (std::size_t load = 0; load < 40; ++load)
        places.add(load, Urgency::Rest);
    std::size_t running = 0;
    auto now = start;
    for (; now < start + 40 * a_moment; now += a_moment)
        running += begun(places, now).size();
    CHECK(running == LoadPlaces::most_calls - LoadPlaces::kept_free);
    places.add(100, Urgency::Bus);
    CHECK(begun(places, now) == Loads{100});
}

TEST_CASE("a module that is needed after all comes forward") {
    LoadPlaces places(2);
    places.add(1, Urgency::Rest);
    places.add(2, Urgency::Rest);
    places.raise(2, Urgency::Device);
    places.raise(7, Urgency::Device); // unknown
    CHECK(begun(places, start) == Loads{2});
    places.raise(1, Urgency::Bus);
    CHECK(begun(places, start) == Loads{1});
}

TEST_CASE("one by one, each waits for the end of the one before it") {
    LoadPlaces places(4);
    places.one_by_one();
    places.add(1, Urgency::Rest);
    places.add(2, Urgency::Device);
    CHECK(begun(places, start) == Loads{2});
    CHECK(begun(places, start + 100 * a_moment).empty());
    CHECK_FALSE(places.look_again(start));
    places.end(2);
    CHECK(begun(places, start) == Loads{1});
}
