// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/held_directory.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temp_dir.hpp"

using namespace mkpxerd;
using deploy::HeldDirectory;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

struct Lab {
    test::TempDir dir;
    HeldDirectory held = HeldDirectory::open(dir.path()).value();

    std::string failure_of_reading(const std::string& name) const {
        const auto text = held.read(name, 100);
        return text ? "" : text.error().text();
    }
};

} // namespace

TEST_CASE("a directory is opened through links, made when asked for, and must be one") {
    const test::TempDir dir;
    CHECK_FALSE(HeldDirectory::open(dir / "a/b"));
    const auto made = HeldDirectory::open(dir / "a/b/", true);
    REQUIRE(made);
    CHECK(made->path() == dir / "a/b");
    fs::create_directory_symlink("a", dir / "link");
    CHECK(HeldDirectory::open(dir / "link/b"));
    dir.write("file", "");
    CHECK_FALSE(HeldDirectory::open(dir / "file", true));
    CHECK_FALSE(HeldDirectory::open(dir / "file/below", true));
}

TEST_CASE("files are written whole, for everybody, whatever the umask and what was there") {
    Lab lab;
    const mode_t before = ::umask(077);
    REQUIRE(lab.held.write("boot/deep/file", "content"));
    ::umask(before);
    CHECK(mode_of(lab.dir / "boot/deep/file") == 0644);
    CHECK(mode_of(lab.dir / "boot/deep") == 0755);
    CHECK(lab.held.read("boot/deep/file", 7).value() == "content");
    REQUIRE(lab.held.write("boot/deep/file", "new"));
    CHECK(lab.held.read("boot/deep/file", 7).value() == "new");
    CHECK(lab.held.sha256("boot/deep/file").value() ==
          "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437");
    // A link gives way, and what it leads to stays.
    lab.dir.write("outside", "old");
    fs::create_symlink(lab.dir / "outside", lab.dir / "link");
    REQUIRE(lab.held.write("link", "new"));
    CHECK_FALSE(fs::is_symlink(lab.dir / "link"));
    CHECK(lab.held.read("outside", 7).value() == "old");
}

TEST_CASE("no link is followed, no pipe is waited for, and more than the limit is not read") {
    Lab lab;
    lab.dir.write("real/file", "content");
    fs::create_directory_symlink("real", lab.dir / "link");
    fs::create_symlink("real/file", lab.dir / "to-file");
    REQUIRE(::mkfifo((lab.dir / "pipe").c_str(), 0600) == 0);
    CHECK_THAT(lab.failure_of_reading("link/file"),
               Catch::Contains("is a link or a file, not a directory (remove it)"));
    CHECK_THAT(lab.failure_of_reading("real/file/x"),
               Catch::Contains("is a link or a file, not a directory"));
    for (const char* other : {"to-file", "pipe", "real"}) {
        CHECK_THAT(lab.failure_of_reading(other), Catch::EndsWith("is not a regular file"));
        CHECK_FALSE(lab.held.has_file(other));
    }
    CHECK_FALSE(lab.held.write("link/file", "x"));
    CHECK_FALSE(lab.held.open_below("link"));
    lab.held.remove("link/file");
    CHECK(lab.held.has_file("real/file"));
    const auto too_large = lab.held.read("real/file", 6);
    REQUIRE_FALSE(too_large);
    CHECK_THAT(too_large.error().text(), Catch::EndsWith("is larger than 6 bytes"));
}

TEST_CASE("what is below is listed, links as themselves, and removed without following them") {
    Lab lab;
    lab.dir.write("outside/kept", "");
    REQUIRE(lab.held.write("tree/b", ""));
    REQUIRE(lab.held.write("tree/a/x", ""));
    fs::create_directory_symlink(lab.dir / "outside", lab.dir / "tree/link");
    const HeldDirectory tree = lab.held.open_below("tree").value();
    CHECK(tree.files() == Names{"a/x", "b", "link"});
    Names names = tree.names();
    std::ranges::sort(names);
    CHECK(names == Names{"a", "b", "link"});
    tree.remove_empty("a"); // it is not
    CHECK(fs::exists(lab.dir / "tree/a/x"));
    lab.held.remove_tree("tree");
    CHECK_FALSE(fs::exists(lab.dir / "tree"));
    CHECK(fs::exists(lab.dir / "outside/kept"));
    CHECK(tree.files().empty()); // it is held all the same
}

TEST_CASE("files move between directories, and replace what is there") {
    Lab lab;
    const HeldDirectory other = lab.held.make_below(".work-", 8).value();
    CHECK(mode_of(other.path()) == 0700);
    CHECK(other.path().filename().string().size() == 14);
    CHECK(other.is_own());
    REQUIRE(other.write("boot/x", "new"));
    REQUIRE(lab.held.write("boot/x", "old"));
    REQUIRE(lab.held.take(other, "boot/x"));
    CHECK(lab.held.read("boot/x", 9).value() == "new");
    CHECK_FALSE(lab.held.take(other, "boot/x")); // it is gone there
    REQUIRE(other.write("y", ""));
    fs::create_directory(lab.dir / "y");
    CHECK_FALSE(lab.held.take(other, "y"));
}

TEST_CASE("a copy has its mode from the beginning") {
    Lab lab;
    const auto source = lab.dir.write("source", std::string(300000, 'x'));
    const UniqueFd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(lab.held.copy("copy", from, source, 0600));
    CHECK(mode_of(lab.dir / "copy") == 0600);
    CHECK(fs::file_size(lab.dir / "copy") == 300000);
}

TEST_CASE("trust is in files and directories that others cannot have written") {
    Lab lab;
    REQUIRE(lab.held.write("file", ""));
    CHECK(lab.held.has_trusted_file("file"));
    REQUIRE(::chmod((lab.dir / "file").c_str(), 0664) == 0);
    CHECK_FALSE(lab.held.has_trusted_file("file"));
    CHECK_FALSE(lab.held.has_trusted_file("none"));
    CHECK(lab.held.is_trusted());
    lab.held.set_mode(0777);
    CHECK_FALSE(lab.held.is_trusted());
    lab.held.set_mode(01777); // sticky: only owners replace their files
    CHECK(lab.held.is_trusted());
}

TEST_CASE("a lock is held once, and ends with its descriptor") {
    Lab lab;
    {
        const auto lock = lab.held.lock();
        REQUIRE(lock);
        const auto second = HeldDirectory::open(lab.dir.path()).value().lock(false);
        REQUIRE_FALSE(second);
        CHECK_THAT(second.error().text(), Catch::Contains("cannot be locked"));
    }
    CHECK(lab.held.lock(false));
}

TEST_CASE("a renamed directory is the same one, under a name that lasts") {
    const test::TempDir dir;
    const HeldDirectory held = HeldDirectory::open(dir / "before", true).value();
    fs::rename(dir / "before", dir / "after");
    REQUIRE(held.write("x", "1"));
    CHECK(fs::exists(dir / "after/x"));
    CHECK(fs::exists(held.lasting_path() / "x"));
    const std::string lasting = held.lasting_path().string();
    const Problem named = held.as_named(
        {.object = lasting + "/x", .text = "in " + lasting + ", " + lasting, .hint = "rm " + lasting},
        "/srv/b");
    CHECK(to_text(named) == "/srv/b/x: in /srv/b, /srv/b (rm /srv/b)");
}
