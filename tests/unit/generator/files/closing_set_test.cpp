// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/closing_set.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const Reason reason{.kind = Reason::Kind::Library, .from = "bin/x", .origin = {.file = "f.files", .line = 3}};

struct Lab {
    test::TempDir dir;
    Sysroot tree{dir.path()};
    File asked_by = [] {
        File file;
        file.path = "bin/x";
        file.reason = reason;
        return file;
    }();
    ClosingSet set(bool lenient = false) const {
        FileSet files;
        files.files = {asked_by};
        files.warnings = {{.object = "before", .text = "is odd"}};
        return {std::move(files), tree, lenient};
    }
};

} // namespace

TEST_CASE("a file is added with every link on the way to it, once, with the reason") {
    Lab lab;
    lab.dir.write("usr/lib/libx.so.1.2", "hello");
    std::filesystem::create_symlink("usr/lib", lab.dir / "lib");
    std::filesystem::create_symlink("libx.so.1.2", lab.dir / "usr/lib/libx.so.1");
    ClosingSet set = lab.set();
    const auto place = lab.tree.resolve("lib/libx.so.1").value();
    CHECK(set.add(place, reason));
    CHECK_FALSE(set.add(place, {}));
    CHECK(set.contains("lib"));
    const auto closed = set.finish();
    REQUIRE(closed);
    std::vector<std::string> paths;
    for (const File& file : closed->files)
        paths.push_back(file.path);
    CHECK(paths == std::vector<std::string>{"bin/x", "lib", "usr/lib/libx.so.1", "usr/lib/libx.so.1.2"});
    CHECK(closed->files[1].kind == File::Kind::Link);
    CHECK(closed->files[1].target == "usr/lib");
    CHECK(closed->files[3].kind == File::Kind::Regular);
    CHECK(closed->files[3].size == 5);
    CHECK(closed->files[3].reason == reason);
}

TEST_CASE("a file that vanishes meanwhile is not in the set") {
    Lab lab;
    lab.dir.write("file", "");
    ClosingSet set = lab.set();
    const auto place = lab.tree.resolve("file").value();
    std::filesystem::remove(lab.dir / "file");
    CHECK_FALSE(set.add(place, reason));
    CHECK_FALSE(set.contains("file"));
}

TEST_CASE("every problem names the line that asked, warnings of before come first, and a hole may be one") {
    Lab lab;
    ClosingSet strict = lab.set();
    strict.problem(lab.asked_by, "is broken");
    strict.hole(lab.asked_by, "lacks y", "install y");
    CHECK(strict.finish().error().text() == "f.files:3: is broken\nf.files:3: lacks y (install y)");
    ClosingSet lenient = lab.set(true);
    lenient.hole(lab.asked_by, "lacks y", "install y");
    lenient.warn(lab.asked_by, "is old");
    const auto closed = lenient.finish();
    REQUIRE(closed);
    std::vector<std::string> warnings;
    for (const Problem& warning : closed->warnings)
        warnings.push_back(warning.object + ": " + warning.text);
    CHECK(warnings == std::vector<std::string>{"before: is odd", "f.files:3: is old", "f.files:3: lacks y"});
}

TEST_CASE("the same lack of the same file is news once") {
    Lab lab;
    ClosingSet set = lab.set();
    CHECK(set.is_first_report("a", "b"));
    CHECK_FALSE(set.is_first_report("a", "b"));
    CHECK(set.is_first_report("a", "c"));
    CHECK(set.is_first_report("b", "b"));
    CHECK(set.shown("lib/x") == (lab.dir / "lib/x").string());
}
