// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/elf_closure.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "elf_image.hpp"
#include "ld_cache_file.hpp"
#include "mkpxerd/generator/files/file_collector.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
using test::ElfImage;
namespace fs = std::filesystem;

namespace {

// A tree, and what a feature of it asks for.
struct Tree {
    test::TempDir dir;
    Sysroot root{dir.path()};

    void put(const std::string& path, const std::string& content, unsigned mode = 0755) const {
        ::chmod(dir.write(path, content).c_str(), mode);
    }
    void put(const std::string& path, const ElfImage& image) const { put(path, image.build()); }
    void link(const std::string& path, const std::string& target) const {
        fs::create_directories((dir / path).parent_path());
        fs::create_symlink(target, dir / path);
    }

    Result<FileSet> close(const std::vector<std::string>& globs, bool lenient = false) const {
        std::vector<Pattern> patterns;
        for (const auto& glob : globs)
            patterns.push_back({glob, false, "f", {"f.files", static_cast<unsigned>(patterns.size() + 1)}});
        auto files = FileCollector(root).collect(patterns);
        REQUIRE(files);
        return close_over_programs(std::move(*files), root, lenient);
    }
    // All problems, with "ROOT" for the directory of the tree.
    std::string text(const std::vector<std::string>& globs) const {
        const auto set = close(globs);
        return set ? "closed" : plain(set.error().text());
    }
    std::string plain(std::string text) const {
        for (std::size_t at = 0; (at = text.find(dir.path().string())) != std::string::npos;)
            text.replace(at, dir.path().string().size(), "ROOT");
        return text;
    }
};

std::string paths(const Result<FileSet>& set) {
    if (!set) return set.error().text();
    std::string all;
    for (const auto& file : set->files)
        all += (all.empty() ? "" : " ") + file.path + (file.kind == File::Kind::Link ? "@" : "");
    return all;
}

const File& file(const Result<FileSet>& set, const std::string& path) {
    REQUIRE(set);
    for (const auto& item : set->files)
        if (item.path == path) return item;
    FAIL("not in the set: " << path);
    std::abort();
}

ElfImage library(std::vector<std::string> needed = {}) {
    ElfImage image;
    image.needed = std::move(needed);
    return image;
}

ElfImage program(std::vector<std::string> needed, std::string interpreter = "/lib64/ld-linux-x86-64.so.2") {
    ElfImage image;
    image.interpreter = std::move(interpreter);
    image.needed = std::move(needed);
    return image;
}

// Debian's: usr-merged, multiarch.
struct Debian : Tree {
    Debian() {
        put("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", library());
        put("usr/lib/x86_64-linux-gnu/libc.so.6", library({"ld-linux-x86-64.so.2"}));
        link("lib", "usr/lib");
        link("bin", "usr/bin");
        link("lib64", "usr/lib64");
        link("usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    }
};
// What each program of it brings.
const std::string debian_base =
    "lib@ lib64@ PROGRAM usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 usr/lib/x86_64-linux-gnu/libc.so.6 "
    "usr/lib64/ld-linux-x86-64.so.2@";

std::string base_with(const std::string& program) {
    std::string text = debian_base;
    return text.replace(text.find("PROGRAM"), 7, program);
}

} // namespace

TEST_CASE("a program brings its interpreter and its libraries, with every link on the way") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libb.so.1", "libc.so.6"}));
    tree.put("usr/lib/x86_64-linux-gnu/libb.so.1.2", library({"liba.so.1", "libc.so.6"}));
    tree.link("usr/lib/x86_64-linux-gnu/libb.so.1", "libb.so.1.2");
    tree.put("usr/lib/liba.so.1", library({"libc.so.6"}));
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(paths(set) ==
          "lib@ lib64@ usr/bin/tool usr/lib/liba.so.1 usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "
          "usr/lib/x86_64-linux-gnu/libb.so.1@ usr/lib/x86_64-linux-gnu/libb.so.1.2 "
          "usr/lib/x86_64-linux-gnu/libc.so.6 usr/lib64/ld-linux-x86-64.so.2@");

    const File& a = file(set, "usr/lib/liba.so.1");
    CHECK(a.reason ==
          Reason{Reason::Kind::Library, "usr/lib/x86_64-linux-gnu/libb.so.1.2", "f", {"f.files", 1}});
    CHECK(a.source.host() == tree.dir / "usr/lib/liba.so.1");
    CHECK(a.size == fs::file_size(a.source.host()));
    CHECK(a.mode == 0755);
    CHECK(a.links == 1);
    const File& link = file(set, "usr/lib/x86_64-linux-gnu/libb.so.1");
    CHECK(link.target == "libb.so.1.2");
    CHECK(link.reason.from == "usr/bin/tool");
    CHECK(file(set, "usr/lib64/ld-linux-x86-64.so.2").reason.kind == Reason::Kind::Interpreter);
    CHECK(file(set, "usr/bin/tool").reason.kind == Reason::Kind::Pattern);
}

TEST_CASE("static programs, plain files and objects bring nothing") {
    const Tree tree;
    ElfImage image;
    image.type = ET_EXEC;
    tree.put("bin/static", image);
    image.type = ET_REL;
    image.interpreter = "/no/such";
    tree.put("opt/thing.o", image);
    tree.put("etc/text", "hello");
    tree.put("etc/empty", "");
    // Split firmware is ELF without its segments; modules may be anything.
    tree.put("usr/lib/firmware/modem.mdt", program({}).build().substr(0, 100));
    tree.put("lib/modules/6.1/x.ko", program({}).build().substr(0, 100));
    CHECK(paths(tree.close({"bin/static", "opt/thing.o", "etc/text", "etc/empty",
                            "usr/lib/firmware/modem.mdt", "lib/modules/6.1/x.ko"})) ==
          "bin/static etc/empty etc/text lib/modules/6.1/x.ko opt/thing.o usr/lib/firmware/modem.mdt");
}

TEST_CASE("scripts bring their interpreter, and what that needs") {
    const Debian tree;
    tree.put("usr/bin/dash", program({"libc.so.6"}));
    tree.link("usr/bin/sh", "dash");
    tree.put("usr/share/udhcpc/default.script", "#!/bin/sh\n");
    const auto set = tree.close({"usr/share/udhcpc/default.script"});
    CHECK(paths(set) == "bin@ " + base_with("usr/bin/dash usr/bin/sh@") + " usr/share/udhcpc/default.script");
    CHECK(file(set, "usr/bin/dash").reason ==
          Reason{Reason::Kind::Interpreter, "usr/share/udhcpc/default.script", "f", {"f.files", 1}});
}

TEST_CASE("env is followed to the program that it starts, and scripts of scripts too") {
    const Tree tree;
    ElfImage still;
    still.type = ET_EXEC;
    tree.put("usr/bin/env", still);
    tree.put("usr/bin/bash", still);
    tree.put("usr/local/bin/frame", "#!/usr/bin/env bash\n");
    tree.put("opt/a", "#!/usr/bin/env -S frame --fast\n");
    tree.put("opt/b", "#!/usr/bin/env /usr/bin/bash\n");
    CHECK(paths(tree.close({"opt/a"})) == "opt/a usr/bin/bash usr/bin/env usr/local/bin/frame");
    CHECK(paths(tree.close({"opt/b"})) == "opt/b usr/bin/bash usr/bin/env");
}

TEST_CASE("a script that nobody may execute is a text") {
    const Tree tree;
    tree.put("usr/share/doc/example.pl", "#!/usr/bin/perl\n", 0644);
    CHECK(paths(tree.close({"usr/share/doc/example.pl"})) == "usr/share/doc/example.pl");
    tree.put("usr/share/doc/example.pl", "#!/usr/bin/perl\n", 0755);
    CHECK(
        tree.text({"usr/share/doc/example.pl"}) ==
        "f.files:1: ROOT/usr/share/doc/example.pl needs the interpreter /usr/bin/perl, which does not exist");
}

TEST_CASE("all that is missing is said at once, with the line that asked and the directories searched") {
    const Debian tree;
    tree.put("usr/bin/one", program({"libgone.so.1", "libhalf.so.1"}));
    tree.put("usr/bin/two", program({"libhalf.so.1"}));
    tree.put("usr/bin/three", program({}, "/lib/ld-linux-armhf.so.3"));
    tree.put("usr/bin/four", "#!/usr/bin/env python3\n");
    tree.put("usr/bin/five", "#!/bin/gone\n");
    tree.put("usr/lib/libhalf.so.1", library({"libdeep.so"}));
    const std::string directories =
        "/lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu, /lib64, /usr/lib64, /lib, /usr/lib";
    CHECK(
        tree.text({"usr/bin/one", "usr/bin/t*", "usr/bin/f*"}) ==
        "f.files:3: ROOT/usr/bin/five needs the interpreter /bin/gone, which does not exist\n"
        "f.files:3: ROOT/usr/bin/four needs the interpreter /usr/bin/env, which does not exist\n"
        "f.files:3: ROOT/usr/bin/four is run by python3, which is not in any directory of PATH\n"
        "f.files:1: ROOT/usr/bin/one needs libgone.so.1, which is not in " +
            directories +
            "\n"
            "f.files:1: ROOT/usr/lib/libhalf.so.1 (for ROOT/usr/bin/one) needs libdeep.so, which is not in " +
            directories +
            "\n"
            "f.files:2: ROOT/usr/bin/three needs the interpreter /lib/ld-linux-armhf.so.3, which does not "
            "exist");
    const auto lenient = tree.close({"usr/bin/one"}, true);
    REQUIRE(lenient);
    CHECK(lenient->warnings.size() == 2);
    CHECK(file(lenient, "usr/lib/libhalf.so.1").kind == File::Kind::Regular);
}

TEST_CASE("a library for another machine is passed over by glibc") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libx.so.1", "libc.so.6"}));
    ElfImage foreign = library();
    foreign.is_64 = false;
    foreign.machine = EM_386;
    tree.put("usr/lib/x86_64-linux-gnu/libx.so.1", foreign);
    CHECK(tree.text({"usr/bin/tool"}) ==
          "f.files:1: ROOT/usr/bin/tool needs libx.so.1, which is not in /lib/x86_64-linux-gnu, "
          "/usr/lib/x86_64-linux-gnu, /lib64, /usr/lib64, /lib, /usr/lib; "
          "ROOT/usr/lib/x86_64-linux-gnu/libx.so.1 is for 32-bit x86");
    tree.put("usr/lib/libx.so.1", library());
    CHECK(paths(tree.close({"usr/bin/tool"})).find("usr/lib/libx.so.1") != std::string::npos);
    CHECK(paths(tree.close({"usr/bin/tool"})).find("gnu/libx.so.1") == std::string::npos);
}

TEST_CASE("$ORIGIN is the directory of the file that has it, and RPATH is handed down") {
    const Tree tree;
    tree.put("lib/ld-linux.so.2", library());
    ElfImage tool = program({"libmain.so"}, "/lib/ld-linux.so.2");
    tool.rpath = "$ORIGIN/../lib";
    tree.put("opt/app/bin/tool", tool);
    tree.put("opt/app/lib/libmain.so", library({"libhelp.so"}));
    tree.put("opt/app/lib/libhelp.so", library());
    CHECK(paths(tree.close({"opt/app/bin/tool"})) ==
          "lib/ld-linux.so.2 opt/app/bin/tool opt/app/lib/libhelp.so opt/app/lib/libmain.so");
    // RUNPATH is not handed down.
    tool.runpath = tool.rpath;
    tool.rpath.clear();
    tree.put("opt/app/bin/tool", tool);
    CHECK(tree.text({"opt/app/bin/tool"}).find("libmain.so (for ROOT/opt/app/bin/tool) needs libhelp.so") !=
          std::string::npos);
    // But what is loaded already is not searched again: breadth first, by the name needed or by its soname.
    tool.needed = {"libmain.so", "libhelp.so"};
    tree.put("opt/app/bin/tool", tool);
    CHECK(paths(tree.close({"opt/app/bin/tool"})).find("libhelp.so") != std::string::npos);
    ElfImage renamed = library();
    renamed.soname = "libhelp.so";
    tree.put("opt/app/lib/libalias.so", renamed);
    fs::remove(tree.dir / "opt/app/lib/libhelp.so");
    tool.needed = {"libalias.so", "libmain.so"};
    tree.put("opt/app/bin/tool", tool);
    CHECK(paths(tree.close({"opt/app/bin/tool"})) ==
          "lib/ld-linux.so.2 opt/app/bin/tool opt/app/lib/libalias.so opt/app/lib/libmain.so");
}

TEST_CASE("a library of the set is closed by the program that loads it, else by itself") {
    const Tree tree;
    tree.put("lib/ld-linux.so.2", library());
    tree.put("lib/libc.so.6", library());
    ElfImage tool = program({"libplugin.so"}, "/lib/ld-linux.so.2");
    tool.rpath = "/opt/plugins";
    tree.put("bin/tool", tool);
    tree.put("opt/plugins/libplugin.so", library({"libprivate.so", "libc.so.6"}));
    tree.put("opt/plugins/libprivate.so", library());
    CHECK(paths(tree.close({"bin/tool", "opt/plugins/*"})) ==
          "bin/tool lib/ld-linux.so.2 lib/libc.so.6 opt/plugins/libplugin.so opt/plugins/libprivate.so");
    CHECK(tree.text({"opt/plugins/libplugin.so"}) ==
          "f.files:1: ROOT/opt/plugins/libplugin.so needs libprivate.so, "
          "which is not in /lib, /usr/lib, /lib64, /usr/lib64");
    // What is in the set as well is left to whoever opens both.
    CHECK(paths(tree.close({"opt/plugins/*"})) ==
          "lib/libc.so.6 opt/plugins/libplugin.so opt/plugins/libprivate.so");
    tree.put("lib/libprivate.so", library());
    CHECK(paths(tree.close({"opt/plugins/libplugin.so"})) ==
          "lib/libc.so.6 lib/libprivate.so opt/plugins/libplugin.so");
}

TEST_CASE("a library in a directory of ld.so.conf brings the cache that names it") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"liblocal.so.1", "libc.so.6"}));
    tree.put("usr/local/lib/liblocal.so.1", library());
    tree.put("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n");
    tree.put("etc/ld.so.conf.d/libc.conf", "/usr/local/lib\n");
    const std::string stale =
        "f.files:1: /usr/local/lib/liblocal.so.1 is in a directory that only etc/ld.so.conf names, but "
        "ROOT/etc/ld.so.cache does not contain it (run: ldconfig -r ROOT)";
    CHECK(tree.text({"usr/bin/tool"}) == stale);
    tree.put("etc/ld.so.cache", test::ld_cache_file({{"liblocal.so.1", "/usr/local/lib/liblocal.so"}}));
    CHECK(tree.text({"usr/bin/tool"}) == stale);
    tree.put("etc/ld.so.cache", test::ld_cache_file({{"liblocal.so.1", "/usr/local/lib/liblocal.so.1"}}));
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(file(set, "etc/ld.so.cache").reason.from == "usr/bin/tool");
    CHECK(file(set, "usr/local/lib/liblocal.so.1").kind == File::Kind::Regular);
    // Without need it stays away.
    tree.put("usr/bin/tool", program({"libc.so.6"}));
    CHECK(paths(tree.close({"usr/bin/tool"})) == base_with("usr/bin/tool"));
}

TEST_CASE("ld.so.cache alone leads to a library, for every CPU that it names") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libx.so.1", "libc.so.6"}));
    tree.put("opt/lib/libx.so.1", library());
    tree.put("opt/lib/glibc-hwcaps/x86-64-v3/libx.so.1", library({"libfast.so"}));
    tree.put("usr/lib/libfast.so", library());
    tree.put("etc/ld.so.cache",
             test::ld_cache_file({{"libx.so.1", "/opt/lib/glibc-hwcaps/x86-64-v3/libx.so.1"},
                                  {"libx.so.1", "/opt/lib/libx.so.1"}}));
    const auto check = [&] {
        const auto set = tree.close({"usr/bin/tool"});
        for (const char* path : {"opt/lib/libx.so.1", "opt/lib/glibc-hwcaps/x86-64-v3/libx.so.1",
                                 "usr/lib/libfast.so", "etc/ld.so.cache"})
            CHECK(file(set, path).kind == File::Kind::Regular);
    };
    check();
    tree.put("etc/ld.so.conf", "/opt/lib\n");
    check();
}

TEST_CASE("a library that is there for some CPUs alone is found, with a warning") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libx.so.1", "libc.so.6"}));
    tree.put("usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libx.so.1", library());
    tree.put("usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.1", library());
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(file(set, "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libx.so.1").reason.from ==
          "usr/bin/tool");
    CHECK(file(set, "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.1").reason.from ==
          "usr/bin/tool");
    REQUIRE(set->warnings.size() == 1);
    CHECK(set->warnings[0].text.find("libx.so.1, which exists only for some CPUs") != std::string::npos);
    // Where one for all is there, that one will do.
    tree.put("usr/lib/libx.so.1", library());
    CHECK(paths(tree.close({"usr/bin/tool"})).find("hwcaps") == std::string::npos);
}

TEST_CASE("a program of glibc that ends threads brings libgcc_s, by itself or by a library") {
    const Debian tree;
    ElfImage ending = library({"libc.so.6"});
    ending.imports = {"free", "pthread_cancel"};
    tree.put("usr/lib/libthreads.so", ending);
    tree.put("usr/bin/tool", program({"libthreads.so", "libc.so.6"}));
    const auto missing = tree.close({"usr/bin/tool"});
    REQUIRE(missing);
    REQUIRE(missing->warnings.size() == 1);
    CHECK(tree.plain(missing->warnings[0].text)
              .starts_with("ROOT/usr/lib/libthreads.so (for ROOT/usr/bin/tool) needs libgcc_s.so.1, which is "
                           "not in /lib/x86_64-linux-gnu"));
    tree.put("usr/lib/x86_64-linux-gnu/libgcc_s.so.1", library({"libc.so.6"}));
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(file(set, "usr/lib/x86_64-linux-gnu/libgcc_s.so.1").reason ==
          Reason{Reason::Kind::Dlopen, "usr/lib/libthreads.so", "f", {"f.files", 1}});
    CHECK(set->warnings.empty());

    // musl unwinds nothing.
    tree.put("lib/ld-musl-x86_64.so.1", library());
    ElfImage tool = program({"libc.so"}, "/lib/ld-musl-x86_64.so.1");
    tool.imports = {"pthread_exit"};
    tree.put("usr/bin/tool", tool);
    CHECK(paths(tree.close({"usr/bin/tool"})).find("libgcc") == std::string::npos);
}

TEST_CASE("a program that looks names up brings the modules that nsswitch.conf names") {
    const Debian tree;
    ElfImage tool = program({"libc.so.6"});
    tool.imports = {"getaddrinfo", "getpwnam"};
    tree.put("usr/bin/tool", tool);
    ElfImage module = library({"libc.so.6"});
    module.imports = {"fopen"};
    tree.put("usr/lib/x86_64-linux-gnu/libnss_dns.so.2", module);
    tree.put("usr/lib/x86_64-linux-gnu/libnss_sss.so.2", module);
    tree.put("usr/lib/x86_64-linux-gnu/libnss_files.so.2", library({"libc.so.6"})); // libc has it built in
    tree.put("etc/nsswitch.conf", "passwd: files sss gone\n", 0644);
    CHECK(paths(tree.close({"usr/bin/tool"})) ==
          "lib@ lib64@ usr/bin/tool usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "
          "usr/lib/x86_64-linux-gnu/libc.so.6 usr/lib/x86_64-linux-gnu/libnss_dns.so.2 "
          "usr/lib64/ld-linux-x86-64.so.2@");
    const auto set = tree.close({"usr/bin/tool", "etc/nsswitch.conf"});
    CHECK(file(set, "usr/lib/x86_64-linux-gnu/libnss_sss.so.2").reason.kind == Reason::Kind::Dlopen);
    CHECK(set->warnings.empty());
}

TEST_CASE("musl programs get their loader, which is also their libc") {
    const Tree tree;
    const std::string loader = "/lib/ld-musl-aarch64.so.1";
    ElfImage arm = library();
    arm.machine = EM_AARCH64;
    tree.put("lib/ld-musl-aarch64.so.1", arm);
    tree.link("lib/libc.musl-aarch64.so.1", "ld-musl-aarch64.so.1");
    tree.put("usr/lib/libz.so.1.3", arm);
    tree.link("usr/lib/libz.so.1", "libz.so.1.3");
    ElfImage tool = program({"libz.so.1", "libc.musl-aarch64.so.1"}, loader);
    tool.machine = EM_AARCH64;
    tree.put("bin/busybox", tool);
    CHECK(paths(tree.close({"bin/busybox"})) ==
          "bin/busybox lib/ld-musl-aarch64.so.1 lib/libc.musl-aarch64.so.1@ usr/lib/libz.so.1@ "
          "usr/lib/libz.so.1.3");

    // Without the link, or for a name that no file has, the loader serves.
    tool.needed = {"libc.so", "libpthread.so.0", "libc.musl-aarch64.so.1"};
    tree.put("bin/busybox", tool);
    fs::remove(tree.dir / "lib/libc.musl-aarch64.so.1");
    CHECK(paths(tree.close({"bin/busybox"})) == "bin/busybox lib/ld-musl-aarch64.so.1");

    // Its path file belongs to it.
    tool.needed = {"libz.so.1"};
    tree.put("bin/busybox", tool);
    tree.put("etc/ld-musl-aarch64.path", "/usr/lib\n");
    CHECK(paths(tree.close({"bin/busybox"})) ==
          "bin/busybox etc/ld-musl-aarch64.path lib/ld-musl-aarch64.so.1 "
          "usr/lib/libz.so.1@ usr/lib/libz.so.1.3");
    // The first library found is the one that it loads, whatever machine it is for.
    tree.put("etc/ld-musl-aarch64.path", "/opt:/usr/lib\n");
    tree.put("opt/libz.so.1", library());
    CHECK(tree.text({"bin/busybox"}) ==
          "f.files:1: ROOT/bin/busybox needs ROOT/opt/libz.so.1, which is for 64-bit x86-64");
}

TEST_CASE("a musl library without a program finds its loader's rules") {
    const Tree tree;
    tree.put("lib/ld-musl-x86_64.so.1", library());
    tree.link("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1");
    tree.put("usr/lib/libb.so", library());
    tree.put("usr/lib/liba.so", library({"libb.so", "libc.musl-x86_64.so.1"}));
    CHECK(paths(tree.close({"usr/lib/liba.so"})) ==
          "lib/ld-musl-x86_64.so.1 lib/libc.musl-x86_64.so.1@ usr/lib/liba.so usr/lib/libb.so");
    tree.put("usr/local/lib/libb.so", library());
    CHECK(paths(tree.close({"usr/lib/liba.so"})).find("usr/local/lib/libb.so") != std::string::npos);
}

TEST_CASE("trees of other machines are closed alike, 32-bit big-endian too") {
    const Tree tree;
    ElfImage image;
    image.is_64 = false;
    image.big_endian = true;
    image.machine = EM_PPC;
    tree.put("lib/ld.so.1", image);
    tree.put("lib/libc.so.6", image);
    image.needed = {"libc.so.6"};
    image.interpreter = "/lib/ld.so.1";
    tree.put("bin/tool", image);
    CHECK(paths(tree.close({"bin/tool"})) == "bin/tool lib/ld.so.1 lib/libc.so.6");
    tree.put("lib/ld.so.1", library());
    CHECK(tree.text({"bin/tool"}) ==
          "f.files:1: ROOT/bin/tool needs the interpreter /lib/ld.so.1, which is for 64-bit x86-64");
}

TEST_CASE("libraries that a program opens by itself come when required or recommended") {
    const Debian tree;
    ElfImage tool = program({"libc.so.6"});
    tool.runpath = "/opt/lib";
    tool.dlopen_notes = {
        R"([{"soname":["libnew.so.2","libold.so.1"],"feature":"codec","priority":"recommended"},)"
        R"({"soname":["libnice.so"],"priority":"suggested"}])",
        R"([{"soname":["libmust.so"],"priority":"required"}])"};
    tree.put("usr/bin/tool", tool);
    tree.put("opt/lib/libold.so.1", library({"libunder.so"}));
    tree.put("opt/lib/libnice.so", library());
    tree.put("opt/lib/libmust.so", library());
    tree.put("lib/libunder.so", library());
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(file(set, "opt/lib/libold.so.1").reason.kind == Reason::Kind::Dlopen);
    CHECK(file(set, "usr/lib/libunder.so").reason.kind == Reason::Kind::Library);
    CHECK(file(set, "opt/lib/libmust.so").reason.from == "usr/bin/tool");
    CHECK(paths(set).find("libnice") == std::string::npos);
    CHECK(set->warnings.empty());
}

TEST_CASE("a required library that is missing is an error, a recommended one a warning") {
    const Debian tree;
    ElfImage tool = program({"libc.so.6"});
    tool.dlopen_notes = {R"([{"soname":["liba.so.2","liba.so.1"],"feature":"sound"}])", "[{]"};
    tree.put("usr/bin/tool", tool);
    const std::string where =
        ", which is not in /lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu, /lib64, /usr/lib64, "
        "/lib, /usr/lib";
    const auto set = tree.close({"usr/bin/tool"});
    REQUIRE(set);
    REQUIRE(set->warnings.size() == 2);
    CHECK(tree.plain(to_text(set->warnings[0])) ==
          "f.files:1: ROOT/usr/bin/tool needs liba.so.2 or liba.so.1" + where + "; it is opened for sound");
    CHECK(tree.plain(to_text(set->warnings[1])) ==
          "f.files:1: ROOT/usr/bin/tool has a .note.dlopen that cannot be read: no string at byte 3");
    tool.dlopen_notes = {R"([{"soname":["libmust.so"],"priority":"required"}])"};
    tree.put("usr/bin/tool", tool);
    CHECK(tree.text({"usr/bin/tool"}) == "f.files:1: ROOT/usr/bin/tool needs libmust.so" + where);
}

TEST_CASE("a broken file is an error that names it, once") {
    const Debian tree;
    tree.put("usr/bin/a", program({"libbad.so", "libtext.so", "libc.so.6"}));
    tree.put("usr/bin/b", program({"libbad.so", "libc.so.6"}));
    tree.put("usr/bin/c", program({}).build().substr(0, 90));
    tree.put("usr/lib/libbad.so", library({"x"}).build().substr(0, 200));
    tree.put("usr/lib/libtext.so", "INPUT(libc.so.6)\n");
    CHECK(tree.text({"usr/bin/?"}) ==
          "f.files:1: ROOT/usr/lib/libbad.so: is a broken ELF file: it is cut short within a segment\n"
          "f.files:1: ROOT/usr/bin/a needs ROOT/usr/lib/libtext.so, which is not an ELF file\n"
          "f.files:1: ROOT/usr/bin/c: is a broken ELF file: it is cut short within its program headers");
}

TEST_CASE("libraries are closed whatever their permissions and whatever directory they are in") {
    const Debian tree;
    tree.put("usr/lib/libplugin.so", library({"libdeep.so"}).build(), 0644);
    tree.put("usr/lib/libdeep.so", library({"libc.so.6"}).build(), 0444);
    tree.put("opt/kept.ko.d/tool", program({"libplugin.so", "libc.so.6"}));
    for (const char* asked : {"usr/lib/libplugin.so", "opt/kept.ko.d/tool"}) {
        INFO(asked);
        CHECK(paths(tree.close({asked})).find("usr/lib/libdeep.so") != std::string::npos);
    }
}

TEST_CASE("an empty file goes in as a file, and is no library") {
    const Debian tree;
    tree.put("usr/lib/libhalf.so.2;69c0", "");
    CHECK(paths(tree.close({"usr/lib/libhalf.so*"})) == "usr/lib/libhalf.so.2;69c0");
    tree.put("usr/lib/libhalf.so.2", "");
    tree.put("usr/bin/tool", program({"libhalf.so.2", "libc.so.6"}));
    CHECK(tree.text({"usr/bin/tool"}) ==
          "f.files:1: ROOT/usr/bin/tool needs ROOT/usr/lib/libhalf.so.2, which is not an ELF file");
}

TEST_CASE("no link leads out of the tree") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libout.so", "libc.so.6"}));
    tree.link("usr/lib/libout.so", "../../../../../../../../lib/x86_64-linux-gnu/libm.so.6");
    CHECK(tree.text({"usr/bin/tool"}).find("needs libout.so, which is not in") != std::string::npos);
    tree.put("usr/lib/x86_64-linux-gnu/libm.so.6", library());
    CHECK(paths(tree.close({"usr/bin/tool"})).find("usr/lib/x86_64-linux-gnu/libm.so.6") !=
          std::string::npos);
}

TEST_CASE("names with a slash are paths") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"/opt/x/libx.so", "$ORIGIN/../share/liby.so", "libc.so.6"}));
    tree.put("opt/x/libx.so", library());
    tree.put("usr/share/liby.so", library());
    const auto set = tree.close({"usr/bin/tool"});
    CHECK(file(set, "opt/x/libx.so").reason.kind == Reason::Kind::Library);
    CHECK(file(set, "usr/share/liby.so").kind == File::Kind::Regular);
    fs::remove(tree.dir / "opt/x/libx.so");
    CHECK(tree.text({"usr/bin/tool"}) ==
          "f.files:1: ROOT/usr/bin/tool needs /opt/x/libx.so, which is not in ROOT/opt/x");
}

TEST_CASE("the result is sorted, unique, keeps warnings, and is closed already") {
    const Debian tree;
    tree.put("usr/bin/tool", program({"libc.so.6"}));
    FileSet files = *FileCollector(tree.root).collect({{"usr/bin/*", false, "f", {"f.files", 1}}});
    files.warnings.push_back({.object = "old", .text = "warning"});
    const auto once = close_over_programs(files, tree.root);
    REQUIRE(once);
    CHECK(once->warnings.front().object == "old");
    for (std::size_t i = 1; i < once->files.size(); ++i)
        CHECK(once->files[i - 1].path < once->files[i].path);
    const auto twice = close_over_programs(*once, tree.root);
    REQUIRE(twice);
    CHECK(twice->files == once->files);
}

TEST_CASE("programs of the compiler are closed as ldd does") {
    const Tree tree;
    tree.put("src/x.c", "double f(double); double f(double x) { return x; }");
    tree.put("src/main.c", "double f(double); int main(void) { return (int)f(1); }");
    const std::string make =
        "cd '" + tree.dir.path().string() +
        "' && mkdir -p app/bin app/lib && gcc -shared -fPIC -Wl,-soname,libx.so.1 -o app/lib/libx.so.1.0 "
        "src/x.c"
        " && ln -s libx.so.1.0 app/lib/libx.so.1 && gcc -o app/bin/main src/main.c app/lib/libx.so.1.0"
        " -Wl,-rpath,'$ORIGIN/../lib'";
    REQUIRE(std::system(make.c_str()) == 0);
    // The system's own loader and libc, copied with the links that lead to them.
    const auto copy = "cd '" + tree.dir.path().string() +
                      "' && for f in $(ldd app/bin/main | grep -o '/[^ ]*ld-linux[^ ]*\\|/[^ ]*libc.so.6'); "
                      "do mkdir -p .$(dirname $f); cp -L $f .$f; done";
    REQUIRE(std::system(copy.c_str()) == 0);
    const auto set = tree.close({"app/bin/main"});
    CHECK(file(set, "app/lib/libx.so.1").kind == File::Kind::Link);
    CHECK(file(set, "app/lib/libx.so.1.0").reason.from == "app/bin/main");
    CHECK(paths(set).find("libc.so.6") != std::string::npos);
    CHECK(paths(set).find("ld-linux") != std::string::npos);
}
