// SPDX-License-Identifier: MIT
#include "mkpxerd/image/image_diff.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "image_file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

ImageDiff diff_of(const NewcBuilder& a, const NewcBuilder& b) {
    const TempDir dir;
    return *compare(open_image(dir, "a.img", a), open_image(dir, "b.img", b));
}

} // namespace

TEST_CASE("what was added, removed and changed is named with its bytes") {
    NewcBuilder a;
    a.directory("etc")
        .file("etc/same", "1234")
        .file("etc/gone", "12")
        .file("etc/grown", "1")
        .file("etc/other", "abc");
    a.file("etc/mode", "x", 0644).link("l", "etc/same").trailer();
    NewcBuilder b;
    b.directory("etc")
        .file("etc/same", "1234")
        .file("etc/grown", "12345")
        .file("etc/new", "123")
        .file("etc/other", "abd");
    b.file("etc/mode", "x", 0600).link("l", "etc/new").trailer();
    const ImageDiff diff = diff_of(a, b);
    REQUIRE(diff.changes.size() == 6);
    const auto check = [&](std::size_t i, Change::Kind kind, const char* path, std::int64_t bytes,
                           const std::vector<std::string>& details) {
        INFO(path);
        CHECK(diff.changes[i].kind == kind);
        CHECK(diff.changes[i].path == path);
        CHECK(diff.changes[i].bytes == bytes);
        CHECK(diff.changes[i].details == details);
    };
    check(0, Change::Kind::Removed, "etc/gone", -2, {});
    check(1, Change::Kind::Changed, "etc/grown", 4, {"content"});
    check(2, Change::Kind::Changed, "etc/mode", 0, {"mode 0644 -> 0600"});
    check(3, Change::Kind::Added, "etc/new", 3, {});
    check(4, Change::Kind::Changed, "etc/other", 0, {"content"});
    check(5, Change::Kind::Changed, "l", 0, {"target etc/same -> etc/new"});
}

TEST_CASE("types, owners, nodes and times are told apart") {
    NewcBuilder a;
    a.file("t", "").add({.name = "o", .uid = 1}).add({.name = "n", .mode = 0020600, .major = 5, .minor = 1});
    a.add({.name = "m", .mtime = 1}).trailer();
    NewcBuilder b;
    b.link("t", "x").add({.name = "o", .gid = 2}).add({.name = "n", .mode = 0020600, .major = 5, .minor = 2});
    b.add({.name = "m", .mtime = 2}).trailer();
    const ImageDiff diff = diff_of(a, b);
    REQUIRE(diff.changes.size() == 3);
    CHECK(diff.changes[0].details == std::vector<std::string>{"node 5:1 -> 5:2"});
    CHECK(diff.changes[1].details == std::vector<std::string>{"owner 1:0 -> 0:2"});
    CHECK(diff.changes[2].details == std::vector<std::string>{"file -> link"});
    CHECK(diff.times_only == 1);
}

TEST_CASE("order, compression and overridden entries make no difference") {
    NewcBuilder a;
    a.file("x", "1").file("y", "2").trailer();
    NewcBuilder b;
    b.file("y", "old").trailer().file("y", "2").file("x", "1").trailer();
    const ImageDiff diff = diff_of(a, b);
    CHECK(diff.changes.empty());
    CHECK_FALSE(diff.same_bytes);
    CHECK(diff_of(a, a).same_bytes);
    const TempDir dir;
    const auto gzip = Image::open(dir.write("a.img", compressed_gzip()));
    const auto zstd = Image::open(dir.write("b.img", compressed_zstd()));
    const auto compression = compare(*gzip, *zstd);
    REQUIRE(compression);
    CHECK(compression->changes.empty());
}
