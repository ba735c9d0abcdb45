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

TEST_CASE("a weaker source sets what a stronger one leaves open; added features join, each with its source") {
    const auto setting = [](const std::string& value, const std::string& file) {
        return Setting{value, {.file = file}};
    };
    Settings settings = {{"level", setting("9", "strong")}, {"add-features", setting("c d", "strong")}};
    merge_weaker(settings, {{"level", setting("1", "weak")},
                            {"mode", setting("0600", "weak")},
                            {"features", setting("a", "weak")},
                            {"add-features", setting("b", "weak")}});
    CHECK(settings.at("level").value == "9");
    CHECK(settings.at("mode").value == "0600");
    CHECK(settings.at("features").value == "a");
    const Setting& added = settings.at("add-features");
    CHECK(added.value == "b c d");
    CHECK(added.items == std::vector<std::string>{"b", "c", "d"});
    CHECK(added.origins == std::vector<Origin>{{.file = "weak"}, {.file = "strong"}, {.file = "strong"}});
    // The weakest list of all features counts no more, and nothing is added to it.
    merge_weaker(settings,
                 {{"features", setting("x", "weakest")}, {"add-features", setting("y", "weakest")}});
    CHECK(settings.at("features").value == "a");
    CHECK(settings.at("add-features").value == "b c d");
}
