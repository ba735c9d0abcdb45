// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/number_bound.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("a number is accepted within its bound, both ends included") {
    const NumberBound bound{.lowest = -2, .highest = 10, .unit = "seconds"};
    for (const char* text : {"-2", "0", "10", "007"}) {
        INFO(text);
        CHECK(bound.refusal(text).empty());
    }
    for (const char* text : {"-3", "11", "99999999999999999999999"}) {
        INFO(text);
        CHECK(bound.refusal(text) == "is not within -2 to 10 seconds");
    }
    for (const char* text : {"", "-", "+1", " 1", "1 ", "1s", "0x1", "99999999999999999999999s"}) {
        INFO(text);
        CHECK(bound.refusal(text) == "is not a number");
    }
}
