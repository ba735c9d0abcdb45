// SPDX-License-Identifier: MIT
#include "mkpxerd/base/edit_distance.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

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

TEST_CASE("a misspelt word means one of the same first letter, which differs in one place, or in two if it "
          "is long") {
    const std::vector<std::string_view> words = {"quiet",       "xive",    "memmap",
                                                 "mitigations", "noquiet", "nosmt"};
    CHECK(likely_meant("quite", words) == "quiet");
    CHECK(likely_meant("mitgatoins", words) == "mitigations");
    CHECK(likely_meant("noquite", words, 2) == "noquiet");
    CHECK_FALSE(likely_meant("live", words));   // another first letter
    CHECK_FALSE(likely_meant("memory", words)); // two letters of a short word
    CHECK_FALSE(likely_meant("nosm", words, 2));
    CHECK_FALSE(likely_meant("", words));
}

TEST_CASE("another digit is another device, digits in another order are a slip") {
    const std::vector<std::string_view> words = {"r8168", "e1000e"};
    CHECK_FALSE(likely_meant("r8169", words));
    CHECK_FALSE(likely_meant("r816", words));
    CHECK(likely_meant("r8186", words) == "r8168");
    CHECK(likely_meant("e1000w", words) == "e1000e");
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
