// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/settings.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mkpxerd::generator;

TEST_CASE("the keys of settings are sorted, unique, and those that a profile can have") {
    const auto& keys = setting_keys();
    CHECK(std::is_sorted(keys.begin(), keys.end()));
    CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
    for (const std::string& key : keys) {
        CAPTURE(key);
        const auto profile = parse_profile(key + ": x\n", "p.yaml");
        REQUIRE(profile);
        CHECK(profile->settings.contains(key));
    }
}
