// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/race_rules.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point start{1000s};

using Standings = std::vector<Standing>;

Standing asking(bool carrier = true) {
    return {.carrier = carrier};
}
Standing configured(Clock::duration after) {
    return {.carrier = true, .configured_at = start + after};
}
Standing reaching(Clock::duration after) {
    return {.carrier = true, .configured_at = start + after, .reached = true};
}
Standing failed() {
    return {.carrier = true, .failed = true};
}

RaceRules::Decision decide(const Standings& standings, Clock::duration after, bool wants_all = false) {
    return RaceRules(start, start + 180s, wants_all).decide(standings, start + after);
}

} // namespace

TEST_CASE("the first to reach a needed host wins at once, whoever was configured before") {
    const auto decision = decide({configured(1s), reaching(3s), asking()}, 3s);
    CHECK(decision.over);
    CHECK(decision.winner == 1u);
    CHECK(decide({reaching(4s), reaching(3s)}, 5s).winner == 1u); // of two, the one that was configured first
}

TEST_CASE("when none reaches a host, the first configured one wins after ten seconds") {
    const Standings two{configured(2s), configured(1s)};
    const auto early = decide(two, 10900ms);
    CHECK_FALSE(early.over);
    CHECK_FALSE(early.winner);
    CHECK(early.look_again == start + 11s);
    const auto later = decide(two, 11s);
    CHECK(later.over);
    CHECK(later.winner == 1u);
}

TEST_CASE("an interface with a carrier and no lease yet is waited for, up to 45 seconds") {
    const Standings waiting{configured(1s), asking()};
    CHECK_FALSE(decide(waiting, 11s).over);
    CHECK(decide(waiting, 11s).look_again == start + 46s);
    CHECK(decide(waiting, 46s).winner == 0u);
    // One without a carrier, one that has failed and one that is gone are not.
    Standing gone = asking();
    gone.gone = true;
    CHECK(decide({configured(1s), asking(false), failed(), gone}, 11s).winner == 0u);
}

TEST_CASE("an address without a carrier, or of an interface that is gone, wins nothing") {
    Standing loose = configured(1s);
    loose.carrier = false;
    Standing gone = reaching(1s);
    gone.gone = true;
    CHECK_FALSE(decide({loose, gone}, 60s).winner);
    CHECK_FALSE(decide({loose, gone}, 60s).over);
    CHECK(decide({loose, gone, configured(50s)}, 60s).winner == 2u);
    CHECK(decide({loose, gone}, 180s).over);
    CHECK_FALSE(decide({loose, gone}, 180s).winner);
}

TEST_CASE("where all interfaces are wanted, the first that reaches a host waits ten seconds for the others") {
    const Standings waiting{reaching(1s), asking(false)};
    CHECK_FALSE(decide(waiting, 5s, true).over);
    CHECK(decide(waiting, 5s, false).winner == 0u);
    CHECK(decide(waiting, 11s, true).winner == 0u);
    CHECK(decide({reaching(1s), configured(2s)}, 5s, true).winner == 0u); // complete
    CHECK(decide({reaching(1s), failed()}, 5s, true).winner == 0u);
}

TEST_CASE("the deadline ends the race: with the leader, or without one") {
    const auto led = decide({asking(), configured(179s)}, 180s);
    CHECK(led.over);
    CHECK(led.winner == 1u);
    const auto lost = decide({asking()}, 180s);
    CHECK(lost.over);
    CHECK_FALSE(lost.winner);
    CHECK(decide({asking()}, 60s).look_again == start + 180s);
    CHECK_FALSE(decide({}, 179s).over); // a driver may still load
    CHECK(decide({}, 180s).over);
}

TEST_CASE("when every contender has failed, the race is over ten seconds after its start") {
    CHECK_FALSE(decide({failed(), failed()}, 9s).over); // another interface may appear
    CHECK(decide({failed(), failed()}, 9s).look_again == start + 10s);
    CHECK(decide({failed(), failed()}, 10s).over);
    CHECK_FALSE(decide({failed(), asking(false)}, 10s).over);
    Standing gone = failed();
    gone.gone = true;
    CHECK_FALSE(decide({gone}, 10s).over); // it may come back
}

TEST_CASE("other interfaces join a BOOTIF that does not appear, does not succeed, or fails") {
    const RaceRules rules(start, start + 180s, false);
    CHECK_FALSE(rules.others_join({}, start + 9s));
    CHECK(rules.others_join_at({}) == start + 10s);
    CHECK(rules.others_join({}, start + 10s));
    const Standings slow{asking()};
    CHECK_FALSE(rules.others_join(slow, start + 29s));
    CHECK(rules.others_join_at(slow) == start + 30s);
    CHECK(rules.others_join(slow, start + 30s));
    CHECK(rules.others_join(Standings{failed()}, start + 1s));
}

TEST_CASE("an interface that lost is said to have no carrier only if it has none") {
    CHECK(loss_reason({.carrier = false}, "10.0.0.1 answers") == "no carrier");
    CHECK(loss_reason({.carrier = true, .reached = true}, "10.0.0.1 answers") == "slower");
    CHECK(loss_reason({.carrier = true}, "10.0.0.1: no answer") == "10.0.0.1: no answer");
    CHECK(loss_reason({.carrier = true}, "") == "slower");
}
