// SPDX-License-Identifier: MIT
#include "mkpxerd/base/edit_distance.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace mkpxerd;

TEST_CASE("letters to insert, delete, replace or swap are counted up to a limit") {
    EditDistance distance;
    CHECK(distance.below(9, "quiet", "quiet") == 0);
    CHECK(distance.below(9, "quiet", "quite") == 1);
    CHECK(distance.below(9, "quiet", "qiet") == 1);
    CHECK(distance.below(9, "live", "xive") == 1);
    CHECK(distance.below(9, "keymap", "memmap") == 2);
    CHECK(distance.below(9, "", "abc") == 3);
    CHECK(distance.below(2, "keymap", "memmap") == 2);
    CHECK(distance.below(1, "quiet", "quite") == 1);
    CHECK(distance.below(3, "abcdef", "uvwxyz") == 3);
}

TEST_CASE("the work is counted") {
    EditDistance distance;
    CHECK(distance.cells() == 0);
    (void)distance.below(3, "abcdef", "abcdeg");
    const auto cells = distance.cells();
    CHECK(cells > 0);
    (void)distance.below(3, "abcdef", "abcdeg");
    CHECK(distance.cells() == 2 * cells);
}
