// SPDX-License-Identifier: MIT
#include "mkpxerd/base/file.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;

TEST_CASE("files are read whole, /proc included") {
    const test::TempDir dir;
    REQUIRE(write_file(dir / "a", "content"));
    CHECK(read_file(dir / "a").value() == "content");
    CHECK_FALSE(read_file("/proc/self/status").value().empty());
    const std::string large(300000, 'x');
    REQUIRE(write_file(dir / "large", large));
    CHECK(read_file(dir / "large").value() == large);
}

TEST_CASE("errors name the path") {
    const test::TempDir dir;
    const auto missing = read_file(dir / "missing");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().first().object == (dir / "missing").string());
    CHECK(missing.error().first().text == "cannot open: No such file or directory");
    CHECK_FALSE(read_file(dir.path()));
    REQUIRE(write_file(dir / "a", "12345"));
    CHECK_FALSE(read_file(dir / "a", 4));
    CHECK_FALSE(MappedFile::open(dir.path()));
}

TEST_CASE("a mapped file shows its bytes, an empty one none") {
    const test::TempDir dir;
    REQUIRE(write_file(dir / "a", "abc"));
    REQUIRE(write_file(dir / "empty", ""));
    CHECK(MappedFile::open(dir / "a").value().bytes().size() == 3);
    CHECK(MappedFile::open(dir / "empty").value().bytes().empty());
}

TEST_CASE("what lies at a path is told from what cannot be known") {
    const test::TempDir dir;
    const auto file = dir.write("directory/file", "x");
    std::filesystem::create_symlink("gone", dir / "dangling");
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(file.parent_path().c_str(), 0) == 0);
    {
        const test::Unprivileged user;
        CHECK(is_there(dir / "dangling").value());
        CHECK_FALSE(is_there(dir / "none/file").value());
        CHECK_FALSE(is_there(dir / "dangling/file").value());
        CHECK(is_there(file).error().text() == file.string() + ": cannot be examined: Permission denied");
    }
    REQUIRE(::chmod(file.parent_path().c_str(), 0755) == 0);
    CHECK_FALSE(is_there(file / "below").value());
}

TEST_CASE("of a foreign tree only regular files are read, and a pipe is not waited for") {
    const test::TempDir dir;
    REQUIRE(write_file(dir / "a", "content"));
    CHECK(read_regular(dir / "a").value() == "content");
    CHECK(read_regular("/proc/self/status"));
    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
    CHECK(read_regular(dir / "pipe").error().first().text == "is not a regular file");
    CHECK(MappedFile::open(dir / "pipe").error().first().text == "is not a regular file");
    CHECK_FALSE(read_regular("/dev/null"));
    CHECK_FALSE(read_regular(dir.path()));
    CHECK_FALSE(read_regular(dir / "missing"));
}
