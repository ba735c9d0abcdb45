// SPDX-License-Identifier: MIT
#include "mkpxerd/image/image_diff.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "compressed.hpp"
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

TEST_CASE("a module that is only compressed differently is the same module") {
    const std::string plain(20'000, 'm');
    const std::string m = "lib/modules/6.1/";
    const auto tree = [] {
        NewcBuilder b;
        for (const char* directory : {"lib", "lib/modules", "lib/modules/6.1", "lib/firmware"})
            b.directory(directory);
        return b;
    };
    NewcBuilder a = tree();
    a.file(m + "both.ko.zst", compressed(plain, wrap::Format::Zstd));
    a.file(m + "other.ko.xz", compressed(plain, wrap::Format::Xz));
    a.file(m + "same.ko", plain).file(m + "gone.ko.xz", "x").file("lib/firmware/f.bin", plain).trailer();
    NewcBuilder b = tree();
    // Two frames in place of one: other bytes, the same content.
    b.file(m + "both.ko.zst", compressed(plain.substr(0, 5000), wrap::Format::Zstd) +
                                  compressed(plain.substr(5000), wrap::Format::Zstd));
    b.file(m + "other.ko.zst", compressed(plain + "!", wrap::Format::Zstd));
    b.file(m + "same.ko.zst", compressed(plain, wrap::Format::Zstd)).file(m + "new.ko", "x");
    b.file("lib/firmware/f.bin.xz", compressed(plain, wrap::Format::Xz)).trailer();
    const ImageDiff diff = diff_of(a, b);
    std::vector<std::string> lines;
    for (const Change& change : diff.changes)
        lines.push_back(fmt::format("{} {}{}", static_cast<int>(change.kind), change.path,
                                    change.details.empty() ? "" : ": " + change.details.front()));
    using Kind = Change::Kind;
    const auto line = [](Kind kind, const std::string& text) {
        return fmt::format("{} {}", static_cast<int>(kind), text);
    };
    CHECK(lines == std::vector{line(Kind::Changed, "lib/firmware/f.bin.xz: was f.bin, same content"),
                               line(Kind::Changed, m + "both.ko.zst: compressed differently, same content"),
                               line(Kind::Removed, m + "gone.ko.xz"), line(Kind::Added, m + "new.ko"),
                               line(Kind::Changed, m + "other.ko.zst: was other.ko.xz, other content"),
                               line(Kind::Changed, m + "same.ko.zst: was same.ko, same content")});
    CHECK(diff.changes.back().bytes < -19'000);
}
