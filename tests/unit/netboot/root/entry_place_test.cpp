// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/entry_place.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <sys/syscall.h>

#include "bounded_child.hpp"
#include "refused_call.hpp"
#include "unpack_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("names that lead out of the root are refused") {
    const test::UnpackRoot roots;
    CHECK(roots.code(test::TarBuilder().file("../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file("etc/../../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file("/../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().hardlink("x", "../outside/victim")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().directory("..")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file(".", "bad")) == "MPX-TAR-02");
    CHECK(read_file(roots.dir / "outside/victim").value() == "untouched");
}

TEST_CASE("links never carry a write out of the root") {
    const test::UnpackRoot roots;
    const std::string outside = (roots.dir / "outside").string();
    // An absolute link starts at the root of the new system, and ".." stays there.
    CHECK(roots.code(test::TarBuilder().symlink("up", "../outside").file("up/victim", "bad")) != "none");
    CHECK(roots.code(test::TarBuilder().symlink("abs", outside).file("abs/victim", "bad")) != "none");
    CHECK(roots.code(test::TarBuilder().symlink("victim", outside + "/victim").file("victim", "own")) ==
          "none");
    CHECK(roots.content("victim") == "own");
    CHECK(roots.code(test::TarBuilder().symlink("f", outside + "/victim").hardlink("g", "f")) == "none");
    CHECK(read_file(roots.dir / "outside/victim").value() == "untouched");
    CHECK(std::filesystem::read_symlink(roots.root() / "g") == outside + "/victim");
}

TEST_CASE("links inside the root are followed inside it") {
    const test::UnpackRoot roots;
    REQUIRE(roots.unpack(test::TarBuilder()
                             .directory("usr/lib/")
                             .symlink("lib", "/usr/lib")
                             .file("lib/x", "1")
                             .directory("lib/")));
    CHECK(roots.content("usr/lib/x") == "1");
    CHECK(std::filesystem::is_symlink(roots.root() / "lib"));
}

TEST_CASE("a kernel or a sandbox without openat2 is named, and nothing is unpacked another way") {
    const test::UnpackRoot roots;
    const auto archive = roots.dir.write("archive", test::TarBuilder().file("a", "a").gzip());
    for (const unsigned error : {ENOSYS, EPERM})
        CHECK(test::with_refused_call(SYS_openat2, error, [&] {
                  const auto unpacked = unpack_tar(archive, roots.root());
                  return !unpacked && unpacked.error().first().code == "MPX-TAR-06" ? 0 : 1;
              }) == 0);
    CHECK_FALSE(std::filesystem::exists(roots.root() / "a"));
}

TEST_CASE("directories as deep as a name can tell are made, links on the way followed") {
    const test::UnpackRoot roots;
    std::string deep;
    for (int i = 0; i < 900; ++i)
        deep += "a/";
    REQUIRE(test::in_bounds(std::size_t{64} << 20, 10, [&] {
                test::TarBuilder tar;
                tar.symlink("link", "/real").directory("real/");
                for (int i = 0; i < 60; ++i)
                    tar.pax("path", fmt::format("link/{}{}/x", deep, i)).file("x", "x");
                return roots.unpack(tar) ? 0 : 1;
            }) == 0);
    CHECK(std::filesystem::is_symlink(roots.root() / "link"));
    std::error_code error;
    CHECK(std::filesystem::is_directory(roots.root() / "real/a/a/a", error));
}
