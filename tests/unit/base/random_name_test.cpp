// SPDX-License-Identifier: MIT
#include "mkpxerd/base/random_name.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace mkpxerd;

TEST_CASE("random names have the length that was asked for, plain letters, and differ") {
    CHECK(random_name(0).empty());
    std::set<std::string> names;
    std::set<char> letters;
    for (int i = 0; i < 200; ++i) {
        const std::string name = random_name(40);
        CHECK(is_random_name(name, 40));
        CHECK_FALSE(is_random_name(name, 39));
        CHECK_FALSE(is_random_name(name.substr(1) + '-', 40));
        CHECK(name.size() == 40);
        letters.insert(name.begin(), name.end());
        names.insert(name);
    }
    CHECK(names.size() == 200);
    CHECK(letters.size() == 62); // 8000 draws: one that misses a letter is as likely as a broken kernel
    CHECK(std::all_of(letters.begin(), letters.end(),
                      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }));
}
