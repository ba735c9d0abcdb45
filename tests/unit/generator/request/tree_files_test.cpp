// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/tree_files.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
namespace fs = std::filesystem;

TEST_CASE("a tree names regular files of its own, through links, which stay below it") {
    const test::TempDir dir;
    dir.write("tree/etc/motd", "");
    dir.write("outside", "");
    fs::create_directory_symlink("/etc", dir / "tree/link");
    fs::create_symlink(dir / "outside", dir / "tree/out");
    fs::create_symlink("loop", dir / "tree/loop");
    const Sysroot tree(dir / "tree");
    const Origin origin{.file = "p.yaml", .line = 4};
    for (const char* name : {"etc/motd", "/etc/motd", "/link/motd", "../etc/motd", "/../../etc/./motd"}) {
        const auto found = file_of_tree(tree, name, origin);
        REQUIRE(found);
        CHECK(*found == tree.file("etc/motd"));
    }
    for (const char* name : {"etc", "none", "out", "/outside", "../outside", "", "etc/motd/x"}) {
        const auto refused = file_of_tree(tree, name, origin);
        CAPTURE(name);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().text(),
                   Catch::StartsWith("p.yaml:4: ") && Catch::Contains("is not a file in"));
    }
    CHECK_FALSE(file_of_tree(tree, "loop", origin));
}

TEST_CASE("the root of this machine is told by what it is, not by its name") {
    const test::TempDir dir;
    fs::create_directory_symlink("/", dir / "link");
    const std::string link = (dir / "link").string();
    for (const std::string& name :
         {std::string("/"), std::string("/."), std::string("//"), std::string("/proc/self/root"),
          std::string("/proc/.."), link, link + "/."}) {
        INFO(name);
        CHECK(is_this_machine(name));
    }
    for (const std::string& name :
         {std::string("/proc"), dir.path().string(), std::string("/none/such"), std::string()}) {
        INFO(name);
        CHECK_FALSE(is_this_machine(name));
    }
}
