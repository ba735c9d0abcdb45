// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/closed_directory.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

TEST_CASE("the outermost directory that others cannot pass is found, also behind a link") {
    const test::TempDir dir;
    fs::permissions(dir.path(), fs::perms(0755));
    fs::create_directories(dir / "a/b/c");
    for (const char* name : {"a", "a/b", "a/b/c"})
        fs::permissions(dir / name, fs::perms(0755));
    CHECK_FALSE(deploy::find_closed_directory(dir / "a/b/c"));
    CHECK_FALSE(deploy::find_closed_directory(dir / "a/b/new/newer"));
    fs::permissions(dir / "a/b/c", fs::perms(0710));
    CHECK(deploy::find_closed_directory(dir / "a/b/c") == fs::canonical(dir / "a/b/c"));
    fs::permissions(dir / "a/b", fs::perms(0700));
    CHECK(deploy::find_closed_directory(dir / "a/b/c") == fs::canonical(dir / "a/b"));
    fs::create_directory_symlink("a/b/c", dir / "link");
    CHECK(deploy::find_closed_directory(dir / "link") == fs::canonical(dir / "a/b"));
    fs::permissions(dir / "a/b", fs::perms(0711)); // enough to pass
    fs::permissions(dir / "a/b/c", fs::perms(0755));
    CHECK_FALSE(deploy::find_closed_directory(dir / "link"));
}
