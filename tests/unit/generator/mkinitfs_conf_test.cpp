// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd/generator/settings.hpp"

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
          "m.conf:1: only $NAME and ${NAME} are understood (write the value itself)");
    CHECK(error("\nfeatures=`ls`") ==
          "m.conf:2: '`' is shell that mkpxerd does not run (write the value itself)");
    CHECK(error("features=a; rm -rf /").find("m.conf:1: ';' is shell") == 0);
    CHECK(error("export features=a").find("m.conf:1: 'export features=a' is not NAME=value") == 0);
    CHECK(error("features=a b").find("m.conf:1: text behind the value") == 0);
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
