// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "mkpxerd/generator/request/settings.hpp"

using namespace mkpxerd::generator;

TEST_CASE("mkinitfs.conf of the guide is understood") {
    const auto settings = parse_mkinitfs_conf("# features\n"
                                              "features=\"ata base squashfs network dhcp nfs\"\n"
                                              "initfscomp=xz # small\n"
                                              "complevel_xz=-9\n"
                                              "disable_trigger=yes\n",
                                              "m.conf");
    REQUIRE(settings);
    CHECK(settings->at("features") == Setting{"ata base squashfs network dhcp nfs", {"m.conf", 2}});
    CHECK(settings->at("compression").value == "xz");
    CHECK(settings->at("level-xz").value == "-9");
    CHECK(settings->size() == 3);
}

TEST_CASE("values are put together as a shell does") {
    const auto value = [](const std::string& text) {
        const auto settings = parse_mkinitfs_conf(text, "m.conf");
        return settings ? settings->at("features").value : settings.error().text();
    };
    CHECK(value("nics='virtio e1000'\nfeatures=\"base ${nics} x\"") == "base virtio e1000 x");
    CHECK(value("features=a\nfeatures=\"$features b\"") == "a b");
    CHECK(value("features=\"a \\\n b\"") == "a  b");
    CHECK(value("features=\\\nabc") == "abc");
    CHECK(value("features='a$b'") == "a$b");
    CHECK(value("features=\"a\\\"b\\x\"") == "a\"b\\x");
    CHECK(value("features=a' b'\"c\"") == "a bc");
    CHECK(value("features=a\\ b") == "a b");
    CHECK(value("features=\"a\nb\"") == "a\nb");
}

TEST_CASE("shell that would have to run is refused with file and line") {
    const auto error = [](const std::string& text) {
        const auto settings = parse_mkinitfs_conf(text, "m.conf");
        return settings ? std::string("accepted") : settings.error().text();
    };
    CHECK(error("features=$(ls)") ==
          "m.conf:1: only $NAME and ${NAME} are supported (write the value itself)");
    CHECK(error("\nfeatures=`ls`") ==
          "m.conf:2: '`' is shell that mkpxerd does not run (write the value itself)");
    CHECK(error("features=a; rm -rf /").find("m.conf:1: ';' is shell") == 0);
    CHECK(error("export features=a").find("m.conf:1: 'export features=a' is not NAME=value") == 0);
    CHECK(error("features=a b").find("m.conf:1: text after the value") == 0);
    CHECK(error("features='a") == "m.conf:1: unterminated quote");
    CHECK(error("features=\"$missing\"") == "m.conf:1: $missing is not set in an earlier line");
    CHECK(error("features=${a:-b}").find("m.conf:1: only $NAME") == 0);
    CHECK(error("featurse=a") == "m.conf:1: unknown setting 'featurse' (did you mean 'features'?)");
}

TEST_CASE("all problems of a configuration are told at once") {
    const auto settings = parse_mkinitfs_conf("a b\nfeatures=`x`\nnonsense=1\n", "m.conf");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().problems().size() == 3);
}

TEST_CASE("mkinitfs.conf may be written on Windows") {
    const auto settings =
        parse_mkinitfs_conf("\xEF\xBB\xBF"
                            "features=\"base \\\r\nnfs\"\r\n# comment\r\nkernel=6.1\\\r\n-lts\r\n"
                            "initfscomp=xz\r\n",
                            "c");
    REQUIRE(settings);
    CHECK(settings->at("features").value == "base nfs");
    CHECK(settings->at("kernel").value == "6.1-lts");
    CHECK(settings->at("compression").value == "xz");
    CHECK(settings->at("compression").origin.line == 6);
}

TEST_CASE("variables do not outgrow the file that they stand in") {
    const auto doubling = [](unsigned lines, const std::string& value) {
        std::string text = "v0=0123456789abcdef\n";
        for (unsigned i = 0; i < lines; ++i)
            text += fmt::format("v{}={}\n", i + 1, fmt::format(fmt::runtime(value), i));
        return text + fmt::format("features=$v{}\n", lines);
    };
    for (const char* value : {"$v{0}$v{0}", "\"${{v{0}}}${{v{0}}}\"", "$v{0}'$'$v{0}"}) {
        INFO(value);
        const auto grown = parse_mkinitfs_conf(doubling(60, value), "m.conf");
        REQUIRE_FALSE(grown);
        CHECK(grown.error().problems().size() == 1);
        CHECK(grown.error().first().object.starts_with("m.conf:1")); // 16 or 17: the separators count
        CHECK(grown.error().first().text == "variables expand to more than 1048576 bytes up to here");
    }
    const auto sound = parse_mkinitfs_conf(doubling(10, "$v{0}$v{0}"), "m.conf");
    REQUIRE(sound);
    CHECK(sound->at("features").value.size() == 16U << 10);
    // One long value that many lines repeat.
    std::string many = "a='" + std::string(100000, 'x') + "'\n";
    for (unsigned i = 0; i < 20; ++i)
        many += fmt::format("b{}=$a\n", i);
    const auto repeated = parse_mkinitfs_conf(many, "m.conf");
    REQUIRE_FALSE(repeated);
    CHECK(repeated.error().text().starts_with("m.conf:12: variables expand to more than 1048576 bytes"));
}

TEST_CASE("a file that is no configuration is told in a hundred lines at most, each of them short") {
    const auto problems = [](const std::string& text) {
        const auto settings = parse_mkinitfs_conf(text, "m.conf");
        return settings ? std::vector<mkpxerd::Problem>{} : settings.error().problems();
    };
    std::string lines;
    std::string names;
    for (unsigned i = 0; i < 10000; ++i) {
        lines += "x\n";
        names += fmt::format("n{}=\n", i);
    }
    CHECK(problems(lines).size() == 100);
    CHECK(problems(names).size() == 100);
    for (const char* rest : {"", "=", "=$"}) {
        const auto long_name = problems(std::string(500000, 'x') + rest + std::string(500000, 'y'));
        REQUIRE(long_name.size() == 1);
        CHECK(long_name[0].text.size() < 200);
    }
    CHECK(problems(std::string(1048577, '#')).at(0).text == "is larger than 1048576 bytes");
    CHECK(problems(std::string(1048576, '#')).empty());
}
