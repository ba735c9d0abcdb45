// SPDX-License-Identifier: MIT
#include "mkpxerd/image/extractor.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bounded_child.hpp"
#include "image_file.hpp"
#include "refused_call.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

struct Place {
    TempDir dir;
    std::filesystem::path out = dir / "out";
    Result<ExtractReport> extract(const NewcBuilder& builder, const std::vector<std::string>& paths = {},
                                  ExtractRights rights = ExtractRights::Own, bool is_private = false) {
        return image::extract(open_image(dir, "x.img", builder), paths,
                              {.directory = out, .rights = rights, .is_private = is_private});
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

TEST_CASE(
    "paths choose what is extracted: a file, a directory, a pattern, a name that leads through a link") {
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

TEST_CASE("no entry is written outside the directory") {
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

TEST_CASE("links that stood in the directory before are not followed") {
    Place place;
    place.dir.write("outside/keep", "untouched");
    std::filesystem::create_directories(place.out);
    SECTION("a link in the place of a directory is an error") {
        std::filesystem::create_directory_symlink(place.dir / "outside", place.out / "d");
        const auto done = place.extract(NewcBuilder().directory("d").file("d/keep", "x").trailer());
        REQUIRE_FALSE(done);
        CHECK(done.error().first().text.find("is a link or a file, not a directory") != std::string::npos);
    }
    SECTION("a link in the place of a file is replaced") {
        std::filesystem::create_symlink(place.dir / "outside/keep", place.out / "f");
        REQUIRE(place.extract(NewcBuilder().file("f", "new").trailer()));
        CHECK(place.content("f") == "new");
    }
    CHECK(read_file(place.dir / "outside/keep").value() == "untouched");
}

TEST_CASE("without openat2 an extraction is the same, and as safe") {
    for (const unsigned error : {ENOSYS, EPERM}) {
        Place place;
        place.dir.write("outside/keep", "untouched");
        std::filesystem::create_directories(place.out);
        std::filesystem::create_directory_symlink(place.dir / "outside", place.out / "link");
        CHECK(with_refused_call(SYS_openat2, error, [&] {
                  const bool whole =
                      place
                          .extract(
                              NewcBuilder().directory("a").directory("a/b").file("a/b/c", "deep").trailer())
                          .has_value();
                  const auto led =
                      place.extract(NewcBuilder().directory("link").file("link/keep", "x").trailer());
                  return whole && !led ? 0 : 1;
              }) == 0);
        CHECK(place.content("a/b/c") == "deep");
        CHECK(read_file(place.dir / "outside/keep").value() == "untouched");
    }
}

TEST_CASE("a second extraction over the first gives the same tree") {
    Place place;
    NewcBuilder b;
    b.directory("d").file("d/f", "1").link("d/l", "f").trailer();
    REQUIRE(place.extract(b));
    REQUIRE(place.extract(b));
    CHECK(place.content("d/f") == "1");
}

namespace {

NewcBuilder hostile() {
    NewcBuilder b;
    b.add({.name = "d", .mode = 0042777});
    b.add({.name = "sda", .mode = 0060666, .major = 8, .minor = 0});
    b.add({.name = "su", .mode = 0104755, .body = "x"});
    b.add({.name = "wall", .mode = 0102777, .body = "x"});
    b.file("f", "x", 0666).trailer();
    return b;
}

} // namespace

TEST_CASE("set-id bits, devices and bits that the umask takes do not come out of an image unasked") {
    Place place;
    const auto mask = ::umask(027);
    const auto done = place.extract(hostile());
    ::umask(mask);
    REQUIRE(done);
    CHECK(done->entries == 4);
    CHECK(done->skipped.empty());
    CHECK(done->devices == std::vector<std::string>{"sda"});
    CHECK_FALSE(std::filesystem::exists(place.out / "sda"));
    auto set_ids = done->set_ids;
    std::sort(set_ids.begin(), set_ids.end());
    CHECK(set_ids == std::vector<std::string>{"d", "su", "wall"});
    CHECK((place.status("su").st_mode & 07777) == 0750);
    CHECK((place.status("wall").st_mode & 07777) == 0750);
    CHECK((place.status("d").st_mode & 07777) == 0750);
    CHECK((place.status("f").st_mode & 07777) == 0640);
    CHECK(place.status("f").st_uid == ::geteuid());
}

TEST_CASE("files of an image belong to whoever extracts it, and to its owners only when that is asked for") {
    Place place;
    NewcBuilder b;
    b.add({.name = "f", .mode = 0100644, .body = "x", .uid = 1234, .gid = 1235}).trailer();
    REQUIRE(place.extract(b));
    CHECK(place.status("f").st_uid == ::geteuid());
    CHECK(place.status("f").st_gid == ::getegid());
    if (::geteuid() != 0) return;
    REQUIRE(place.extract(b, {}, ExtractRights::AsImage));
    CHECK(place.status("f").st_uid == 1234);
    CHECK(place.status("f").st_gid == 1235);
}

TEST_CASE("extraction with --preserve keeps all bits, and creates devices as far as the system allows") {
    Place place;
    const auto done = place.extract(hostile(), {}, ExtractRights::AsImage);
    REQUIRE(done);
    CHECK(done->devices.empty());
    CHECK(done->set_ids.empty());
    CHECK((place.status("f").st_mode & 07777) == 0666);
    CHECK((place.status("su").st_mode & 07777) == (::geteuid() == 0 ? 04755U : 0755U));
    if (std::filesystem::exists(place.out / "sda"))
        CHECK(S_ISBLK(place.status("sda").st_mode));
    else
        CHECK(done->skipped.at(0).object == "sda");
    if (::geteuid() != 0)
        CHECK(done->skipped.at(0).text == "not extracted: only root can create device nodes");
}

TEST_CASE("what a private image holds is extracted into a private directory") {
    Place place;
    const NewcBuilder b = NewcBuilder().file("f", "x").trailer();
    SECTION("a new one") {
        REQUIRE(place.extract(b, {}, ExtractRights::Own, true));
        CHECK((place.status("").st_mode & 0777) == 0700);
    }
    SECTION("one that is there stays as it is") {
        std::filesystem::create_directory(place.out);
        std::filesystem::permissions(place.out, std::filesystem::perms(0755));
        REQUIRE(place.extract(b, {}, ExtractRights::Own, true));
        CHECK((place.status("").st_mode & 0777) == 0755);
    }
}

TEST_CASE("a link that somebody else put where all may write leads no extraction") {
    if (::geteuid() != 0) return; // who is not root cannot make one of somebody else
    Place place;
    const auto shared = place.dir / "shared";
    std::filesystem::create_directory(shared);
    std::filesystem::permissions(shared, std::filesystem::perms(01777));
    std::filesystem::create_directory(place.dir / "aim");
    std::filesystem::create_directory_symlink(place.dir / "aim", shared / "out");
    const auto image = open_image(place.dir, "x.img", NewcBuilder().file("f", "x").trailer());
    REQUIRE(extract(image, {}, {.directory = shared / "out"})); // one's own
    std::filesystem::remove(place.dir / "aim/f");
    REQUIRE(::lchown((shared / "out").c_str(), 65534, 65534) == 0);
    const auto done = extract(image, {}, {.directory = shared / "out"});
    REQUIRE_FALSE(done);
    CHECK(done.error().first().text.find("is a link that another user put") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(place.dir / "aim/f"));
}

TEST_CASE("files in deep directories cost what their names cost") {
    const TempDir dir;
    NewcBuilder b;
    std::array<std::string, 2> deep;
    for (std::size_t i = 0; i < 2; ++i) {
        deep[i] = i == 0 ? "a" : "b";
        b.directory(deep[i]);
        for (int level = 1; level < 400; ++level)
            b.directory(deep[i] += "/a");
    }
    for (int i = 0; i < 200; ++i)
        b.file(fmt::format("{}/{}", deep[static_cast<std::size_t>(i % 2)], i), "x");
    const auto path = dir.write("x.img", b.trailer().text());
    CHECK(in_bounds(std::size_t{512} << 20, 5, [&] {
              const auto image = Image::open(path);
              const auto done = extract(*image, {}, {.directory = dir / "out"});
              return done && done->entries == 1000 && done->skipped.empty() ? 0 : 1;
          }) == 0);
    CHECK(read_file(dir / "out" / deep[1] / "199").value() == "x");
}
