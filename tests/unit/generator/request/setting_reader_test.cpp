// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/setting_reader.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

using Words = std::vector<std::string>;

Setting setting(std::string value, bool of_tree = false) {
    return {.value = std::move(value), .origin = {.file = "p.yaml", .line = 2}, .of_tree = of_tree};
}

struct Lab {
    test::TempDir dir;
    Settings settings;
    SettingReader reader{settings, dir.path()};
    std::string problems() {
        return reader.problems().empty() ? "" : reader.problems().finish().error().text();
    }
};

} // namespace

TEST_CASE("a setting that is absent is empty, or what stands in for it") {
    Lab lab;
    CHECK(lab.reader.find("mode") == nullptr);
    CHECK(lab.reader.text("mode").empty());
    CHECK(lab.reader.text("mode", "0644") == "0644");
    CHECK(lab.reader.origin("mode") == Origin{});
    CHECK_FALSE(lab.reader.flag("lenient"));
    CHECK(lab.reader.items("files").empty());
    CHECK(lab.reader.files("files").empty());
    lab.settings["mode"] = setting("");
    CHECK(lab.reader.text("mode", "0644").empty()); // it is set, to nothing
    CHECK(lab.reader.origin("mode").text() == "p.yaml:2");
}

TEST_CASE("a flag is yes or no in the usual words, and any other word is refused with its place") {
    Lab lab;
    for (const char* on : {"yes", "Yes", "YES", "true", "True", "on", "ON", "1"}) {
        lab.settings["lenient"] = setting(on);
        CHECK(lab.reader.flag("lenient"));
    }
    for (const char* off : {"", "no", "No", "NO", "false", "FALSE", "off", "Off", "0"}) {
        lab.settings["lenient"] = setting(off);
        CHECK_FALSE(lab.reader.flag("lenient"));
    }
    CHECK(lab.problems().empty());
    for (const char* wrong : {"n", "y", "flase", "maybe", "2", " "}) {
        Lab fresh;
        fresh.settings["allow-secrets"] = setting(wrong);
        CHECK_FALSE(fresh.reader.flag("allow-secrets"));
        CHECK(fresh.problems() ==
              "p.yaml:2: '" + std::string(wrong) +
                  "' is neither yes nor no, which 'allow-secrets' needs (write yes, true, on or 1; or no, "
                  "false, off or 0)");
    }
}

TEST_CASE("a text is split into words, a list is not") {
    Lab lab;
    lab.settings["files"] = setting("  /a \t/b  ");
    CHECK(lab.reader.items("files") == Words{"/a", "/b"});
    lab.settings["files"].items = {"/a b", ""};
    CHECK(lab.reader.items("files") == Words{"/a b", ""});
}

TEST_CASE("files of this machine are taken as named, those of a tree must be there, once and not too many") {
    Lab lab;
    lab.dir.write("etc/motd", "");
    lab.settings["append"] = setting("/none /none");
    CHECK(lab.reader.files("append") == std::vector<TreePath>{"/none", "/none"});
    CHECK(lab.problems().empty());

    lab.settings["append"] = setting("/etc/motd etc/../etc/motd /none", true);
    CHECK(lab.reader.files("append") == std::vector<TreePath>{TreePath(lab.dir.path(), "etc/motd")});
    CHECK_THAT(
        lab.problems(),
        Catch::StartsWith("p.yaml:2: 'etc/../etc/motd' is named twice\np.yaml:2: /none is not a file"));
}

TEST_CASE("a tree may name a hundred files in a list") {
    Lab lab;
    std::string names;
    for (unsigned i = 0; i < 101; ++i)
        names += "/" + std::to_string(i) + ' ';
    lab.settings["append"] = setting(names, true);
    CHECK(lab.reader.files("append").empty());
    CHECK(lab.problems() == "p.yaml:2: 101 files, more than 100");
    lab.settings["append"].of_tree = false;
    CHECK(lab.reader.files("append").size() == 101);
}

TEST_CASE("what a tree cannot ask for is refused with the option that can") {
    Lab lab;
    lab.settings["mode"] = setting("0666");
    lab.reader.refuse_of_tree("mode", "more than mode 0644", "--mode");
    CHECK(lab.problems().empty());
    lab.settings["mode"].of_tree = true;
    lab.reader.refuse_of_tree("mode", "more than mode 0644", "--mode");
    CHECK(lab.problems() == "p.yaml:2: a tree cannot ask for more than mode 0644 (give --mode on the command "
                            "line if you mean it)");
}
