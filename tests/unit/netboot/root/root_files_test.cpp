// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/root_files.hpp"

#include <catch2/catch.hpp>

#include "new_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("files are written unless they are there, and never outside the root") {
    test::FakeSystem system;
    system.write("/newroot/etc/hosts", "own");
    CHECK(write_if_missing(system, "/etc/hosts", "new").value() == false);
    CHECK(read_file(system.host("/newroot/etc/hosts")).value() == "own");
    CHECK(write_if_missing(system, "/etc/network/interfaces", "x").value() == true);
    CHECK(read_file(system.host("/newroot/etc/network/interfaces")).value() == "x");
    // A link that leads nowhere is somebody's wish too.
    std::filesystem::create_symlink("/run/resolv.conf", system.host("/newroot/etc/resolv.conf"));
    CHECK(write_if_missing(system, "/etc/resolv.conf", "x").value() == false);
    std::filesystem::create_directories(system.host("/newroot/usr/conf"));
    std::filesystem::create_symlink("/usr/conf", system.host("/newroot/conf"));
    CHECK(write_if_missing(system, "/conf/a", "inside").value() == true);
    CHECK(read_file(system.host("/newroot/usr/conf/a")).value() == "inside");
}

TEST_CASE("files of the new root are found through its own links, and never outside it") {
    test::NewRoot root;
    root.system.write("/newroot/usr/etc/motd", "inside");
    root.system.write("/etc/passwd", "outside");
    std::filesystem::create_symlink("/usr/etc", root.system.host("/newroot/etc"));
    std::filesystem::create_symlink("../../../../etc/passwd", root.system.host("/newroot/usr/etc/up"));
    CHECK(find_in_root(root.system, "etc/motd") == root.system.host("/newroot/usr/etc/motd"));
    CHECK(read_in_root(root.system, "/etc/motd").value() == "inside");
    CHECK(find_in_root(root.system, "etc/up") == std::nullopt);
    CHECK(read_in_root(root.system, "etc/up").value().empty());
}

TEST_CASE("directories of the new root are made with their parents, through its own links") {
    test::NewRoot root;
    std::filesystem::create_directories(root.system.host("/newroot/usr/conf"));
    std::filesystem::create_symlink("/usr/conf", root.system.host("/newroot/conf"));
    CHECK(make_root_directory(root.system, "conf/a/b", 0700).value() ==
          root.system.host("/newroot/usr/conf/a/b"));
    CHECK(root.mode("/newroot/usr/conf/a") == 0755);
    CHECK(root.mode("/newroot/usr/conf/a/b") == 0700);
    CHECK(make_root_directory(root.system, "conf/a/b").value() == root.system.host("/newroot/usr/conf/a/b"));
    root.system.write("/newroot/file", "");
    const auto below_file = make_root_directory(root.system, "file/x");
    REQUIRE_FALSE(below_file);
    CHECK(below_file.error().text().find("/newroot/file/x: cannot create directory: Not a directory") !=
          std::string::npos);
}

TEST_CASE("a file that replaces a link leaves alone where the link led") {
    test::NewRoot root;
    root.system.write("/newroot/target", "untouched");
    std::filesystem::create_symlink("target", root.system.host("/newroot/file"));
    REQUIRE(replace_file(root.system.host("/newroot/file"), "new", 0600));
    CHECK(root.content("/newroot/target") == "untouched");
    CHECK(root.content("/newroot/file") == "new");
    CHECK(root.mode("/newroot/file") == 0600);
}

TEST_CASE("lines are added behind the last line, even when it has no end") {
    test::NewRoot root;
    root.system.write("/newroot/a", "one");
    root.system.write("/newroot/b", "");
    REQUIRE(append_lines(root.system.host("/newroot/a"), "two\n"));
    REQUIRE(append_lines(root.system.host("/newroot/b"), "two\n"));
    CHECK(root.content("/newroot/a") == "one\ntwo\n");
    CHECK(root.content("/newroot/b") == "two\n");
    CHECK_FALSE(append_lines(root.system.host("/newroot/missing"), "x\n"));
}
