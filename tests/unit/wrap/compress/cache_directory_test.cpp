// SPDX-License-Identifier: MIT
// The directory itself; chunk_cache_test has what is kept in it.
#include "mkpxerd/wrap/cache_directory.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

} // namespace

TEST_CASE("a directory is made with its parents, for its owner alone, only when that is asked for") {
    const test::TempDir dir;
    CHECK_FALSE(open_cache_directory(dir / "a/b/cache", false));
    CHECK_FALSE(fs::exists(dir / "a"));
    CHECK_FALSE(cache_refusal(dir / "a/b/cache")); // it could be made
    const mode_t before = ::umask(0);
    const UniqueFd made = open_cache_directory(dir / "a/b/cache", true);
    ::umask(before);
    REQUIRE(made);
    CHECK(is_own(made, S_IFDIR));
    CHECK(mode_of(dir / "a") == 0700);
    CHECK(mode_of(dir / "a/b/cache") == 0700);
    CHECK(open_cache_directory(dir / "a/b/cache", false));
}

TEST_CASE("a directory of our own that others may write in is closed to them") {
    const test::TempDir dir;
    fs::create_directory(dir / "cache");
    REQUIRE(::chmod((dir / "cache").c_str(), 0775) == 0);
    CHECK(open_cache_directory(dir / "cache", false));
    CHECK(mode_of(dir / "cache") == 0700);
}

TEST_CASE("a link, a file and a path through a file are no cache") {
    const test::TempDir dir;
    fs::create_directory(dir / "real");
    fs::create_directory_symlink("real", dir / "link");
    CHECK_FALSE(open_cache_directory(dir / "link", true));
    REQUIRE(cache_refusal(dir / "link"));
    CHECK(cache_refusal(dir / "link")->text == "the cache is not used: it is a link");
    CHECK(open_cache_directory(dir / "link/cache", true)); // below one's own link it may be
    dir.write("file", "");
    CHECK_FALSE(open_cache_directory(dir / "file", true));
    CHECK_FALSE(open_cache_directory(dir / "file/cache", true));
}

TEST_CASE("a directory within the cache must be ours, real, and closed to others") {
    const test::TempDir dir;
    const UniqueFd at(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    CHECK_FALSE(open_own_directory(at.get(), "v1", false));
    CHECK(open_own_directory(at.get(), "v1", true));
    CHECK(mode_of(dir / "v1") == 0700);
    REQUIRE(::chmod((dir / "v1").c_str(), 0770) == 0);
    CHECK_FALSE(open_own_directory(at.get(), "v1", true));
    fs::create_directory_symlink("v1", dir / "v2");
    CHECK_FALSE(open_own_directory(at.get(), "v2", true));
    dir.write("v3", "");
    CHECK_FALSE(open_own_directory(at.get(), "v3", true));
}

TEST_CASE("what is own is of its type, and is open at all") {
    const test::TempDir dir;
    const auto file = dir.write("file", "");
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    const UniqueFd open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    CHECK(is_own(open, S_IFREG));
    CHECK_FALSE(is_own(open, S_IFDIR));
    REQUIRE(::chmod(file.c_str(), 0646) == 0);
    CHECK_FALSE(is_own(open, S_IFREG));
    CHECK_FALSE(is_own(UniqueFd(), S_IFREG));
}
