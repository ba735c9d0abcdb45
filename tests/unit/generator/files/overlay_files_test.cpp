// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/overlay_files.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::vector<std::string> paths(const FileSet& files) {
    std::vector<std::string> all;
    for (const File& file : files.files)
        if (file.kind != File::Kind::Directory) all.push_back(file.path);
    return all;
}

} // namespace

TEST_CASE("a directory is the tree in it, hidden files included, and the later of two files counts") {
    const test::TempDir dir;
    dir.write("one/etc/motd", "one");
    dir.write("one/.hidden", "");
    dir.write("one/odd[name]*", "");
    dir.write("two/etc/motd", "second");
    const auto files = collect_overlay({dir / "one", dir / "two"});
    REQUIRE(files);
    CHECK(paths(*files) == std::vector<std::string>{".hidden", "etc/motd", "odd[name]*"});
    for (const File& file : files->files)
        if (file.path == "etc/motd") CHECK(file.size == 6);
}

TEST_CASE("a file is itself, whatever characters are in its path") {
    const test::TempDir dir;
    dir.write("a*b", "");
    dir.write("axb", "");
    const auto files = collect_overlay({dir / "a*b"});
    REQUIRE(files);
    REQUIRE(files->files.size() >= 1);
    CHECK(paths(*files) == std::vector<std::string>{(dir / "a*b").string().substr(1)});
}

TEST_CASE(
    "every wrong path is named: one that leads out, one that is absent, and a file of the image itself") {
    const test::TempDir dir;
    dir.write("one/init", "");
    dir.write("one/etc/mkpxerd/boot.conf", "");
    const auto own = collect_overlay({dir / "one"});
    REQUIRE_FALSE(own);
    CHECK(own.error().problems().size() == 2);
    CHECK_THAT(own.error().text(), Catch::Contains("/init belongs to the image itself"));
    const auto wrong = collect_overlay({"../up", dir / "none", "a/../../b"});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().problems().size() == 3);
    CHECK_THAT(wrong.error().text(), Catch::Contains("../up: is not below the current directory") &&
                                         Catch::Contains("a/../../b: is not below the current directory"));
}

TEST_CASE("an overlay without any file is an error") {
    const test::TempDir dir;
    std::filesystem::create_directory(dir / "empty");
    const auto empty = collect_overlay({dir / "empty"});
    REQUIRE_FALSE(empty);
    CHECK_THAT(empty.error().text(), Catch::Contains("overlay: contains no file"));
    CHECK_FALSE(collect_overlay({}));
}

TEST_CASE("a directory that would replace a link of many images is a warning") {
    const test::TempDir dir;
    dir.write("one/lib/x", "");
    dir.write("one/library", "");
    auto files = collect_overlay({dir / "one"});
    REQUIRE(files);
    CHECK(files->warnings.empty());
    warn_about_merged(*files);
    REQUIRE(files->warnings.size() == 1);
    CHECK(files->warnings[0].object == "lib");
    CHECK_THAT(files->warnings[0].hint, Catch::Contains("--image FILE"));
}

TEST_CASE("a tree that lies one directory too deep is doubted, one that the image has at its top is not") {
    const auto doubt = [](const std::vector<std::string>& files, const std::set<std::string>& others = {}) {
        FileSet overlay;
        for (const std::string& path : files)
            overlay.files.emplace_back().path = path;
        const auto found = doubt_place(overlay, others);
        return found ? to_text(*found) : "";
    };
    CHECK(doubt({"rootfs/etc/hosts", "rootfs/other"}) ==
          "rootfs: goes to the top of the root file system, which usually has no such directory (name the "
          "directory rootfs itself: its files then begin there)");
    CHECK(doubt({"host7/key"}).find("(a directory stands for the tree in it: ") != std::string::npos);
    CHECK(doubt({"etc/hosts"}).empty());
    CHECK(doubt({"depot/a", "usr/b"}).empty()); // something is where it belongs
    CHECK(doubt({"app.img"}).empty());          // a file may lie there
    CHECK(doubt({"depot/a"}, {"depot", "etc"}).empty());
}
