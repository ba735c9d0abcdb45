// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/file_collector.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
namespace fs = std::filesystem;

namespace {
Result<FileSet> collect(const test::TempDir& dir, const std::string& glob, bool optional = false) {
    const Sysroot root(dir.path());
    return FileCollector(root).collect({{glob, optional, "f", {"f.files", 7}}});
}
std::string paths(const Result<FileSet>& set) {
    if (!set) return set.error().text();
    std::string all;
    for (const auto& file : set->files)
        all += file.path +
               (file.kind == File::Kind::Link        ? "@"
                : file.kind == File::Kind::Directory ? "/"
                                                     : "") +
               ' ';
    return all;
}
} // namespace

TEST_CASE("a file through a linked directory brings the link and lies at its real place") {
    const test::TempDir dir;
    dir.write("usr/lib/mdev", "m");
    fs::create_symlink("usr/lib", dir / "lib");
    CHECK(paths(collect(dir, "lib/mdev")) == "lib@ usr/lib/mdev ");
}

TEST_CASE("a directory that is listed at its real place, too, brings no link") {
    const test::TempDir dir;
    dir.write("usr/lib/modprobe.d/a.conf", "a");
    const auto both = [&] {
        const Sysroot root(dir.path());
        return paths(FileCollector(root).collect({{"usr/lib/modprobe.d/*.conf", true, "f", {"f.files", 1}},
                                                  {"lib/modprobe.d/*.conf", true, "f", {"f.files", 2}}}));
    };
    CHECK(both() == "usr/lib/modprobe.d/a.conf ");
    fs::create_symlink("usr/lib", dir / "lib");
    CHECK(both() == "usr/lib/modprobe.d/a.conf ");
    fs::remove(dir / "lib");
    dir.write("lib/modprobe.d/b.conf", "b");
    CHECK(both() == "lib/modprobe.d/b.conf usr/lib/modprobe.d/a.conf ");
}

TEST_CASE("links are kept and their targets added, a link to a directory stays a link") {
    const test::TempDir dir;
    dir.write("bin/busybox", "b");
    fs::create_symlink("busybox", dir / "bin/sh");
    fs::create_symlink("/bin/sh", dir / "bin/ash");
    dir.write("data/inside", "i");
    fs::create_symlink("data", dir / "alias");
    CHECK(paths(collect(dir, "bin/ash")) == "bin/ash@ bin/busybox bin/sh@ ");
    CHECK(paths(collect(dir, "alias")) == "alias@ data/ ");
}

TEST_CASE("a directory stands for all below it") {
    const test::TempDir dir;
    dir.write("etc/keys/a.pub", "a");
    dir.write("etc/keys/sub/.hidden", "h");
    CHECK(paths(collect(dir, "etc/keys")) == "etc/keys/ etc/keys/a.pub etc/keys/sub/ etc/keys/sub/.hidden ");
}

TEST_CASE("modes come from the source, hard links are known as such") {
    const test::TempDir dir;
    const auto file = dir.write("tool", "t");
    ::chmod(file.c_str(), 04711);
    fs::create_hard_link(file, dir / "tool2");
    const auto set = collect(dir, "tool*");
    REQUIRE(set);
    REQUIRE(set->files.size() == 2);
    CHECK(set->files[0].mode == 04711);
    CHECK(set->files[0].inode == set->files[1].inode);
    CHECK(set->files[0].links == 2);
}

TEST_CASE("what cannot be is an error with the feature's line") {
    const test::TempDir dir;
    fs::create_symlink("gone", dir / "dangling");
    fs::create_symlink("/proc/mounts", dir / "mtab");
    ::mkfifo((dir / "pipe").c_str(), 0600);
    CHECK(paths(collect(dir, "none")).find("f.files:7: '/none' matches nothing in ") == 0);
    for (const auto& [path, feature, hint] : std::initializer_list<std::array<const char*, 3>>{
             {"etc/ssl/certs/ca-certificates.crt", "https", "(install ca-certificates there, or "},
             {"sbin/apk", "apk", "(-b ALPINE_TREE: "},
             {"sbin/x", "x", "(put '?' before the pattern "}}) {
        const std::vector<Pattern> missing = {{.glob = path, .feature = feature, .origin = {"f.files", 7}}};
        CHECK_THAT(FileCollector(Sysroot(dir.path())).collect(missing).error().text(), Catch::Contains(hint));
    }
    CHECK(paths(collect(dir, "none", true)).empty());
    CHECK(paths(collect(dir, "dangling")).find("is a link to gone, which does not exist") !=
          std::string::npos);
    CHECK(paths(collect(dir, "pipe")).find("is a device, socket or pipe") != std::string::npos);
    CHECK(paths(collect(dir, "mtab")) == "mtab@ ");
}

TEST_CASE("what has no place in an image is not left out of the directory of keys") {
    for (const char* glob : {"etc", "etc/mkpxerd/keys", "etc/mkpxerd/keys/*"})
        for (const bool is_pipe : {true, false}) {
            INFO(glob);
            const test::TempDir dir;
            dir.write("etc/mkpxerd/keys/good.pub", "key");
            if (is_pipe)
                ::mkfifo((dir / "etc/mkpxerd/keys/site.pub").c_str(), 0600);
            else
                fs::create_symlink("gone", dir / "etc/mkpxerd/keys/site.pub");
            const Sysroot root(dir.path());
            const auto set = FileCollector(root, true).collect({{glob, true, "f", {"f.files", 7}}});
            REQUIRE_FALSE(set);
            CHECK_THAT(
                set.error().text(),
                Catch::StartsWith("f.files:7: " + (dir / "etc/mkpxerd/keys").string() + "/site.pub is a "));
        }
}

TEST_CASE("what has no place in an image is left out of a directory and of a wildcard, with a warning") {
    const test::TempDir dir;
    dir.write("etc/x/file", "f");
    fs::create_symlink("gone", dir / "etc/x/dangling");
    ::mkfifo((dir / "etc/x/pipe").c_str(), 0600);
    ::mknod((dir / "etc/x/socket").c_str(), S_IFSOCK | 0600, 0);
    fs::create_symlink("pipe", dir / "etc/x/to-pipe");
    fs::create_symlink("/run/later", dir / "etc/x/later");
    const std::string at = "f.files:7: " + (dir / "etc/x/").string();
    for (const char* glob : {"etc", "etc/x", "etc/x/*", "etc/?"}) {
        INFO(glob);
        const auto set = collect(dir, glob);
        REQUIRE(set);
        CHECK(paths(set).ends_with("etc/x/file etc/x/later@ "));
        CHECK(paths(set).find("pipe") == std::string::npos);
        REQUIRE(set->warnings.size() == 4);
        CHECK(to_text(set->warnings[0]) == at + "dangling is a link to gone, which does not exist: left out");
        CHECK(to_text(set->warnings[1]) ==
              at + "pipe is a device, socket or pipe, which cannot go into an image: left out");
        CHECK(to_text(set->warnings[2]) ==
              at + "socket is a device, socket or pipe, which cannot go into an image: left out");
        CHECK(to_text(set->warnings[3]) ==
              at + "to-pipe is a link to pipe, a device, socket or pipe: left out");
    }
    // A line that names just that asks for it.
    CHECK(paths(collect(dir, "etc/x/pipe")).find("pipe is a device") != std::string::npos);
    CHECK(paths(collect(dir, "etc/x/dangling")).find("which does not exist") != std::string::npos);
    CHECK(paths(collect(dir, "etc/x/to-pipe")).find("a device, socket or pipe") != std::string::npos);
}

TEST_CASE("an unreadable directory is an error with the feature's line, optional or not") {
    const test::TempDir dir;
    dir.write("etc/keys/a.pub", "a");
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    const auto keys = dir / "etc/keys";
    const std::string hint = " cannot be listed: Permission denied (build as a user who can read it)";
    for (const unsigned mode : {0U, 0311U}) { // 0311: also for the owner, who need not be root
        REQUIRE(::chmod(keys.c_str(), mode) == 0);
        const test::Unprivileged user;
        CHECK(paths(collect(dir, "etc")) == "f.files:7: " + keys.string() + hint);
        CHECK(paths(collect(dir, "etc/keys")) == "f.files:7: " + keys.string() + hint);
        CHECK(paths(collect(dir, "etc/keys/*", true)) == "f.files:7: " + keys.string() + hint);
    }
    REQUIRE(::chmod(keys.c_str(), 0) == 0);
    {
        const test::Unprivileged user;
        CHECK(paths(collect(dir, "etc/keys/a.pub", true)).find("a.pub cannot be examined: Permission") !=
              std::string::npos);
    }
    REQUIRE(::chmod(keys.c_str(), 0755) == 0);
    CHECK(paths(collect(dir, "etc/none/*", true)).empty());
    CHECK(paths(collect(dir, "etc/keys/a.pub/*", true)).empty());
}

TEST_CASE("lists of mkinitfs lead to --lenient, once") {
    const test::TempDir dir;
    const Sysroot root(dir.path());
    const Origin stock{"/etc/mkinitfs/features.d/lvm.files", 1};
    const auto set =
        FileCollector(root).collect({{"sbin/lvm", false, "lvm", stock}, {"sbin/dm", false, "lvm", stock}});
    REQUIRE_FALSE(set);
    const std::string there = "/etc/mkinitfs/features.d/lvm.files:1: '/";
    const std::string nothing =
        "' matches nothing in " + dir.path().string() + " (put '?' before the pattern if it may be absent";
    CHECK(set.error().text() ==
          there + "sbin/lvm" + nothing +
              ", or use --lenient: these lists of mkinitfs name files that not every system has)\n" + there +
              "sbin/dm" + nothing + ")");
    CHECK(FileCollector(root, true).collect({{"sbin/lvm", false, "lvm", stock}}));
}
