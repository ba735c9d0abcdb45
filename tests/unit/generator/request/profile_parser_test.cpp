// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/settings.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::string failure(const std::string& text) {
    const auto profile = parse_profile(text, "p.yaml");
    return profile ? "" : profile.error().text();
}

} // namespace

TEST_CASE("a profile is keys with texts or lists of texts, each with its line") {
    const auto profile = parse_profile("# a comment\n"
                                       "description: a site\n"
                                       "extends: network\n"
                                       "features: [base, nfs]\n"
                                       "files:\n"
                                       "- /a b\n"
                                       "- 'c'\n"
                                       "cmdline: ip=dhcp quiet\n"
                                       "level: 9\n",
                                       "p.yaml");
    REQUIRE(profile);
    CHECK(profile->description == "a site");
    CHECK(profile->extends == "network");
    CHECK(profile->extends_origin == Origin{.file = "p.yaml", .line = 3});
    CHECK(profile->settings.at("features").value == "base nfs");
    CHECK(profile->settings.at("features").items == std::vector<std::string>{"base", "nfs"});
    CHECK(profile->settings.at("files").items == std::vector<std::string>{"/a b", "c"});
    CHECK(profile->settings.at("files").origin == Origin{.file = "p.yaml", .line = 5});
    CHECK(profile->settings.at("cmdline").items.empty());
    CHECK(profile->settings.at("level").value == "9");
    CHECK(profile->settings.size() == 4);
}

TEST_CASE("every wrong line of a profile is named, and a typing error gets a hint") {
    CHECK(failure("featrues: [x]\nlevel: {a: b}\n? [a]\n: b\nlevel: 1\nlevel: 2\n") ==
          "p.yaml:1: unknown key 'featrues' (did you mean 'features'?)\n"
          "p.yaml:2: the value of 'level' must be a text or a list of texts\n"
          "p.yaml:3: a key must be a word\n"
          "p.yaml:6: 'level' is set twice");
    CHECK(failure("zzzzzzzz: 1\n") == "p.yaml:1: unknown key 'zzzzzzzz' (mkpxerd.yaml(5) lists all keys)");
    CHECK(failure("features: [[a]]\n") ==
          "p.yaml:1: the value of 'features' must be a text or a list of texts");
    CHECK(failure("features:\n") == "p.yaml:1: the value of 'features' must be a text or a list of texts");
}

TEST_CASE("what is not a list of keys, or not YAML, or too much of it, is refused") {
    for (const char* other : {"", "- a\n", "text", "# a comment\n"})
        CHECK(failure(other) == "p.yaml: a profile must be a list of 'key: value' lines");
    CHECK_THAT(failure("features: [a\nlevel: 1\n"),
               Catch::StartsWith("p.yaml:") && Catch::Contains("is not valid YAML: "));
    CHECK(failure(std::string(201, '[')) == "p.yaml: is nested too deeply for a profile");
    CHECK(failure(std::string(max_settings_bytes + 1, ' ')) == "p.yaml: is larger than 1048576 bytes");
}

TEST_CASE("aliases of a profile do not outgrow it") {
    const auto parse = [](const std::string& text) {
        const auto profile = parse_profile(text, "p.yaml");
        return profile ? profile->settings.at("append").value : profile.error().text();
    };
    CHECK(parse("files: &a [x, y]\nappend: *a\n") == "x y");
    std::string many = "description: &a '" + std::string(100000, 'x') + "'\nappend:\n";
    for (unsigned i = 0; i < 20; ++i)
        many += "- *a\n";
    CHECK(parse(many) ==
          "p.yaml:2: the values expand to more than 1048576 bytes up to here (write them without "
          "aliases)");
    // Each list holds the one before ten times.
    std::string laughs = "files: &l0 [lol]\n";
    for (const char* key : {"append", "prepend", "hardware", "ca", "pin", "features", "init", "fstab"}) {
        const auto depth = std::count(laughs.begin(), laughs.end(), '\n');
        laughs += fmt::format("{}: &l{} [", key, depth);
        for (unsigned i = 0; i < 10; ++i)
            laughs += fmt::format("*l{}, ", depth - 1);
        laughs += "]\n";
    }
    CHECK(parse(laughs).starts_with("p.yaml:2: the value of 'append' must be a text or a list of texts"));
    CHECK(parse("base: &b {files: x}\n<<: *b\n").starts_with("p.yaml:1: unknown key 'base'"));
}

TEST_CASE("large profiles are judged in bounded time") {
    const auto repeated = [](const std::string& text) {
        std::string all;
        while (all.size() + text.size() <= 100000)
            all += text;
        return all;
    };
    for (const char* piece : {"- ", "? ", "!a ", "&a ", "x: ", "a: b\n", "- *a\n", "\"\" ", "'", "|\n"}) {
        INFO(piece);
        const auto profile = parse_profile(repeated(piece), "p.yaml");
        CHECK_FALSE(profile);
        if (!profile) CHECK(profile.error().problems().size() <= 100);
        (void)parse_profile("features: " + repeated(piece), "p.yaml");
    }
}
