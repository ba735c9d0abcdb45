// SPDX-License-Identifier: MIT
#include "mkpxerd/base/sysroot.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "bounded_child.hpp"
#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {
// A usr-merged tree: lib -> usr/lib, and links that try to leave.
struct Tree {
    test::TempDir dir;
    Sysroot root{dir.path()};
    Tree() {
        dir.write("usr/lib/modules/k/a.ko", "a");
        dir.write("usr/lib/modules/k/.hidden.ko", "h");
        dir.write("usr/bin/tool", "t");
        fs::create_symlink("usr/lib", dir / "lib");
        fs::create_symlink("/usr/bin/tool", dir / "usr/bin/absolute");
        fs::create_symlink("../../../../../../etc/passwd", dir / "usr/bin/escape");
        fs::create_symlink("loop", dir / "loop");
        fs::create_symlink("gone", dir / "dangling");
    }
};
} // namespace

TEST_CASE("paths are cleaned") {
    CHECK(clean_path("/a//b/./c/") == "a/b/c");
    CHECK(clean_path("../../a/../b") == "b");
    CHECK(clean_path("/").empty());
}

TEST_CASE("links are followed inside the tree, and named") {
    const Tree tree;
    const auto module = tree.root.resolve("/lib/modules/k/a.ko");
    REQUIRE(module);
    CHECK(module->path == "usr/lib/modules/k/a.ko");
    CHECK(module->links == std::vector<std::string>{"lib"});
    CHECK(tree.root.resolve("usr/bin/absolute")->path == "usr/bin/tool");
    CHECK(tree.root.resolve_parent("usr/bin/absolute")->path == "usr/bin/absolute");
}

TEST_CASE("no link leads out of the tree") {
    const Tree tree;
    CHECK_FALSE(tree.root.resolve("usr/bin/escape")); // <tree>/etc/passwd, which is not there
    CHECK_FALSE(tree.root.resolve("loop"));
    CHECK_FALSE(tree.root.resolve("dangling"));
    CHECK(tree.root.resolve("../../usr")->path == "usr");
    CHECK(tree.root.resolve_parent("dangling")->path == "dangling");
    CHECK(tree.root.entry("dangling")->target == "gone");
}

TEST_CASE("globs look through links and skip hidden names") {
    const Tree tree;
    CHECK(tree.root.glob("/lib/modules/*/*.ko") == std::vector<std::string>{"lib/modules/k/a.ko"});
    CHECK(tree.root.glob("lib/modules/k/.*.ko") == std::vector<std::string>{"lib/modules/k/.hidden.ko"});
    CHECK(tree.root.glob("dangling") == std::vector<std::string>{"dangling"});
    CHECK(tree.root.glob("no/such/*").empty());
    CHECK(tree.root.glob("/").empty());
}

TEST_CASE("a directory that cannot be read is told from one that is not there") {
    const test::TempDir dir;
    dir.write("open/closed/file", "f");
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    REQUIRE(::chmod((dir / "open/closed").c_str(), 0) == 0);
    const Sysroot root(dir.path());
    const std::string closed = (dir / "open/closed").string();
    {
        const test::Unprivileged user;
        CHECK(root.read_directory("none").value().empty());
        CHECK(root.read_directory("open").value() == std::vector<std::string>{"closed"});
        CHECK(root.read_directory("open/closed").error().text() ==
              closed + ": cannot be listed: Permission denied");
        CHECK(root.list("open/closed").empty());

        const auto unreadable = [&](const char* pattern) {
            Problems problems;
            CHECK(root.glob(pattern, problems) == root.glob(pattern));
            return problems.empty() ? "" : Error(problems.list()).text();
        };
        CHECK(unreadable("open/*").empty());
        CHECK(unreadable("none/*").empty());
        CHECK(unreadable("open/closed/none*") == closed + ": cannot be listed: Permission denied");
        CHECK(unreadable("o*/closed/file") == closed + "/file: cannot be examined: Permission denied");
    }
    REQUIRE(::chmod(closed.c_str(), 0755) == 0); // for who removes it
    CHECK(root.read_directory("open/closed/file").value().empty());
}

TEST_CASE("a name with a zero in it names nothing, though the kernel would stop reading there") {
    using namespace std::string_view_literals;
    const test::TempDir dir;
    dir.write("etc/hosts", "h");
    const Sysroot root(dir.path());
    CHECK(root.resolve("etc/hosts"));
    CHECK_FALSE(root.resolve("etc/hosts\0x"sv));
    CHECK_FALSE(root.entry("etc/hosts\0"sv));
    CHECK(root.glob("etc/hosts\0x"sv).empty());
    CHECK(root.glob("\0/etc/*"sv).empty());
}

TEST_CASE("a pattern through links that lead in circles ends, and says why") {
    const test::TempDir dir;
    for (int i = 0; i < 40; ++i)
        std::filesystem::create_symlink(".", dir / fmt::format("link{}", i));
    dir.write("file", "x");
    const auto problem = dir.write("problem", "");
    REQUIRE(test::in_bounds(std::size_t{256} << 20, 60, [&] {
                Problems problems;
                const auto found = Sysroot(dir.path()).glob("*/*/*/*/*/*", problems);
                if (!found.empty() || problems.list().size() != 1) return 1;
                return write_file(problem, problems.list().front().text) ? 0 : 2;
            }) == 0);
    CHECK(read_file(problem).value() ==
          "is reached by '/*/*/*/*/*/*' in so many ways that the pattern matches more "
          "than 66208 paths, the limit for 42 "
          "names: links form a loop");
    // A link or two to a directory are usual: each way to a file is a match.
    const test::TempDir usual;
    usual.write("usr/lib/x", "");
    std::filesystem::create_symlink("usr/lib", usual / "lib");
    std::filesystem::create_symlink("usr/lib", usual / "lib64");
    CHECK(Sysroot(usual.path()).glob("lib*/*") == std::vector<std::string>{"lib/x", "lib64/x"});
}

TEST_CASE("a long name is cleaned in one go") {
    std::string name;
    for (int i = 0; i < 500000; ++i)
        name += "a/";
    CHECK(test::in_bounds(std::size_t{64} << 20, 10,
                          [&] { return clean_path(name).size() == name.size() - 1 ? 0 : 1; }) == 0);
}
