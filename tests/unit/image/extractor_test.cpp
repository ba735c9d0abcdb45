// SPDX-License-Identifier: MIT
#include "mkpxerd/image/extractor.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "image_file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

struct Place {
    TempDir dir;
    std::filesystem::path out = dir / "out";
    Result<ExtractReport> extract(const NewcBuilder& builder, const std::vector<std::string>& paths = {}) {
        return Extractor(out).extract(open_image(dir, "x.img", builder), paths);
    }
    std::string content(std::string_view path) const { return read_file(out / path).value(); }
    struct stat status(std::string_view path) const {
        struct stat st {};
        REQUIRE(::lstat((out / path).c_str(), &st) == 0);
        return st;
    }
};

} // namespace

TEST_CASE("extracted entries have contents, modes, times and links as in the image") {
    Place place;
    NewcBuilder b;
    b.add({.name = "d", .mode = 0040500, .mtime = 1000000000}).file("d/f", "text", 0640);
    b.add({.name = "one", .mode = 0100600, .inode = 4, .links = 2, .mtime = 1234567890});
    b.add({.name = "two", .mode = 0100600, .body = "shared", .inode = 4, .links = 2, .mtime = 1234567890});
    b.link("l", "/etc/passwd").file("empty", "").add({.name = "pipe", .mode = 0010644}).trailer();
    const auto done = place.extract(b);
    REQUIRE(done);
    CHECK(done->entries == 7);
    CHECK(done->skipped.empty());
    CHECK(place.content("d/f") == "text");
    CHECK((place.status("d/f").st_mode & 07777) == 0640);
    CHECK((place.status("d").st_mode & 07777) == 0500);
    CHECK(place.status("d").st_mtime == 1000000000);
    CHECK(place.content("two") == "shared");
    CHECK(place.status("one").st_ino == place.status("two").st_ino);
    CHECK(place.status("one").st_mtime == 1234567890);
    CHECK(std::filesystem::read_symlink(place.out / "l") == "/etc/passwd");
    CHECK(place.status("empty").st_size == 0);
    CHECK(S_ISFIFO(place.status("pipe").st_mode));
}

TEST_CASE("paths choose what is extracted: a file, a folder, a pattern, a name that leads through a link") {
    NewcBuilder b;
    b.directory("usr")
        .directory("usr/lib")
        .file("usr/lib/a", "1")
        .file("usr/lib/b", "2")
        .link("lib", "usr/lib");
    b.directory("etc").file("etc/c.conf", "3").file("etc/d.txt", "4").trailer();
    const auto [paths, expected] = GENERATE(table<std::vector<std::string>, std::set<std::string>>({
        {{"usr/lib/a"}, {"usr", "usr/lib", "usr/lib/a"}},
        {{"/usr/lib"}, {"usr", "usr/lib", "usr/lib/a", "usr/lib/b"}},
        {{"lib/b"}, {"usr", "usr/lib", "usr/lib/b"}},
        {{"*.conf"}, {"etc", "etc/c.conf"}},
        {{"u*r"}, {"usr", "usr/lib", "usr/lib/a", "usr/lib/b"}},
        {{"./etc/../etc/d.txt"}, {"etc", "etc/d.txt"}},
    }));
    Place place;
    REQUIRE(place.extract(b, paths));
    std::set<std::string> found;
    for (const auto& item : std::filesystem::recursive_directory_iterator(place.out))
        found.insert(std::filesystem::relative(item.path(), place.out));
    CHECK(found == expected);
}

TEST_CASE("a path that names nothing is an error before anything is written") {
    Place place;
    const auto done = place.extract(NewcBuilder().directory("etc").file("etc/hosts", "x").trailer(),
                                    {"etc/hosts", "etc/host", "lib/hosts"});
    REQUIRE_FALSE(done);
    REQUIRE(done.error().problems().size() == 2);
    CHECK(done.error().problems()[0].text == "no entry 'etc/host'");
    CHECK(done.error().problems()[0].hint == "did you mean etc/hosts?");
    CHECK(done.error().problems()[1].hint == "there is etc/hosts");
    CHECK_FALSE(std::filesystem::exists(place.out));
}

TEST_CASE("no entry is written outside the folder") {
    Place place;
    place.dir.write("outside/keep", "untouched");
    const std::string outside = (place.dir / "outside").string();
    NewcBuilder b;
    b.file("../outside/keep", "a").file("/../../outside/keep", "b");
    b.link("abs", outside).file("abs/keep", "c").link("rel", "../outside").file("rel/keep", "d");
    b.link("chain", "abs").file("chain/new", "e");
    b.link("f", outside + "/keep").file("f", "replaced").trailer();
    const auto done = place.extract(b);
    REQUIRE(done);
    CHECK(read_file(place.dir / "outside/keep").value() == "untouched");
    CHECK_FALSE(std::filesystem::exists(place.dir / "outside/new"));
    CHECK(place.content("f") == "replaced");
}

TEST_CASE("links that stood in the folder before are not followed") {
    Place place;
    place.dir.write("outside/keep", "untouched");
    std::filesystem::create_directories(place.out);
    SECTION("a link in the place of a folder is an error") {
        std::filesystem::create_directory_symlink(place.dir / "outside", place.out / "d");
        const auto done = place.extract(NewcBuilder().directory("d").file("d/keep", "x").trailer());
        REQUIRE_FALSE(done);
        CHECK(done.error().first().text.find("is a link or a file, not a folder") != std::string::npos);
    }
    SECTION("a link in the place of a file is replaced") {
        std::filesystem::create_symlink(place.dir / "outside/keep", place.out / "f");
        REQUIRE(place.extract(NewcBuilder().file("f", "new").trailer()));
        CHECK(place.content("f") == "new");
    }
    CHECK(read_file(place.dir / "outside/keep").value() == "untouched");
}

TEST_CASE("a second extraction over the first gives the same tree") {
    Place place;
    NewcBuilder b;
    b.directory("d").file("d/f", "1").link("d/l", "f").trailer();
    REQUIRE(place.extract(b));
    REQUIRE(place.extract(b));
    CHECK(place.content("d/f") == "1");
}

TEST_CASE("device nodes are made for root only, and reported otherwise") {
    Place place;
    const auto done = place.extract(NewcBuilder()
                                        .add({.name = "null", .mode = 0020666, .major = 1, .minor = 3})
                                        .file("f", "x")
                                        .trailer());
    REQUIRE(done);
    CHECK(place.content("f") == "x");
    if (std::filesystem::exists(place.out / "null"))
        CHECK(S_ISCHR(place.status("null").st_mode));
    else
        CHECK(done->skipped.at(0).object == "null");
    if (::geteuid() != 0) CHECK(done->skipped.at(0).text == "not extracted: device nodes need root rights");
}
