// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/library_search.hpp"

#include <catch2/catch.hpp>
#include <elf.h>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
namespace fs = std::filesystem;

namespace {

wrap::ElfInfo elf(std::string rpath = {}, std::string runpath = {}) {
    wrap::ElfInfo info;
    info.is_64 = true;
    info.machine = EM_X86_64;
    info.rpath = std::move(rpath);
    info.runpath = std::move(runpath);
    return info;
}

using Paths = std::vector<std::string>;

Paths paths(const LibrarySearch& search, const LoadedObject& object) {
    Paths list;
    for (const LibraryDirectory& directory : search.directories(object))
        list.push_back(directory.path + (directory.listed ? " (listed)" : ""));
    return list;
}

// Debian's layout: a loader in a multiarch directory, usr-merged.
struct Debian {
    test::TempDir dir;
    Sysroot root{dir.path()};
    Debian() {
        dir.write("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "");
        fs::create_directories(dir / "usr/lib64");
        fs::create_symlink("usr/lib", dir / "lib");
        fs::create_symlink("usr/lib64", dir / "lib64");
        fs::create_symlink("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
                           dir / "usr/lib64/ld-linux-x86-64.so.2");
    }
    LibrarySearch search() const { return {root, "/lib64/ld-linux-x86-64.so.2", elf()}; }
};

const Paths debian_directories = {
    "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib"};

Paths with(Paths front, const Paths& back) {
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

} // namespace

TEST_CASE("glibc's own directories are told from where its loader lies") {
    const Debian debian;
    const auto plain = elf();
    CHECK(paths(debian.search(), {&plain, "usr/bin", nullptr}) == debian_directories);

    const test::TempDir fedora;
    fedora.write("usr/lib64/ld-linux-x86-64.so.2", "");
    fs::create_symlink("usr/lib64", fedora / "lib64");
    const Sysroot root(fedora.path());
    CHECK(paths(LibrarySearch(root, "/lib64/ld-linux-x86-64.so.2", plain), {&plain, "usr/bin", nullptr}) ==
          Paths{"lib64", "usr/lib64", "lib", "usr/lib"});
    auto small = elf();
    small.is_64 = false;
    CHECK(paths(LibrarySearch(root, "/lib/ld-linux.so.2", small), {&small, "usr/bin", nullptr}) ==
          Paths{"lib", "usr/lib"});
}

TEST_CASE("a loader outside its multiarch directory is taken to know those of the tree") {
    const test::TempDir dir;
    const Sysroot root(dir.path());
    dir.write("lib64/ld-linux-x86-64.so.2", "");
    dir.write("lib/x86_64-linux-gnu/libc.so.6", "");
    dir.write("usr/lib/i386-linux-gnu/libc.so.6", "");
    const auto plain = elf();
    CHECK(paths(LibrarySearch(root, "/lib64/ld-linux-x86-64.so.2", plain), {&plain, "usr/bin", nullptr}) ==
          Paths{"lib64", "usr/lib64", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu",
                "lib/i386-linux-gnu", "usr/lib/i386-linux-gnu", "lib", "usr/lib"});
}

TEST_CASE("ld.so.conf is read with its includes, and its directories are known by the cache alone") {
    const Debian debian;
    debian.dir.write(
        "etc/ld.so.conf",
        "# local\n/opt/a/lib # first\ninclude ld.so.conf.d/*.conf /etc/more.conf\nhwcap 1 nosegneg\n"
        "/opt/b:/opt/c,/opt/d=libc6\nrelative/directory\n");
    debian.dir.write("etc/ld.so.conf.d/20-last.conf", "/opt/last");
    debian.dir.write("etc/ld.so.conf.d/10-first.conf", "/usr/local/lib\n/lib/x86_64-linux-gnu\n");
    debian.dir.write("etc/ld.so.conf.d/ignored.txt", "/opt/ignored\n");
    debian.dir.write("etc/more.conf", "include /etc/ld.so.conf\n/opt/more/\n"); // includes its includer
    const auto plain = elf();
    CHECK(paths(debian.search(), {&plain, "usr/bin", nullptr}) ==
          with({"opt/a/lib (listed)", "usr/local/lib (listed)", "lib/x86_64-linux-gnu", "opt/last (listed)",
                "opt/more (listed)", "opt/b (listed)", "opt/c (listed)", "opt/d (listed)"},
               {"usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib"}));
    CHECK(debian.search().list_file() == "etc/ld.so.cache");
}

TEST_CASE("RPATH serves all that is loaded below, RUNPATH its own object") {
    const Debian debian;
    const auto search = debian.search();
    const auto program = elf("/opt/program");
    const auto library = elf("/opt/library");
    const auto modern = elf("", "/opt/modern");
    const auto plain = elf();
    const LoadedObject root{&program, "usr/bin", nullptr};
    const LoadedObject below{&library, "opt/program", &root};
    const LoadedObject last{&plain, "opt/library", &below};
    CHECK(paths(search, last) == with({"opt/library", "opt/program"}, debian_directories));
    // A RUNPATH of the one that needs turns all RPATHs off.
    const LoadedObject other{&modern, "opt/program", &root};
    CHECK(paths(search, other) == with({"opt/modern"}, debian_directories));
    // And it does not serve what is below it, where RPATHs count again.
    const LoadedObject under{&plain, "opt/modern", &other};
    CHECK(paths(search, under) == with({"opt/program"}, debian_directories));
    // An object's RPATH does not count beside its RUNPATH.
    const auto both = elf("/opt/old", "/opt/new");
    const LoadedObject mixed{&both, "usr/bin", nullptr};
    CHECK(paths(search, mixed) == with({"opt/new"}, debian_directories));
    CHECK(paths(search, {&plain, "x", &mixed}) == debian_directories);
}

TEST_CASE("tokens stand for the object's directory, the loader's library directory and the platform") {
    const Debian debian;
    const auto tokens = elf("", "$ORIGIN/../lib:${ORIGIN}:/opt/$LIB:/opt/${PLATFORM}:/opt/$OTHER::relative");
    CHECK(
        paths(debian.search(), {&tokens, "opt/tool/bin", nullptr}) ==
        with({"opt/tool/bin/../lib", "opt/tool/bin", "opt/lib/x86_64-linux-gnu", "opt/x86_64", "opt/$OTHER"},
             debian_directories));
    const LoadedObject object{&tokens, "opt/tool", nullptr};
    CHECK(debian.search().path(object, "$ORIGIN/libx.so") == "/opt/tool/libx.so");
    CHECK(debian.search().path(object, "/lib/libx.so") == "/lib/libx.so");
}

TEST_CASE("musl has three directories, or those of its path file, with newlines or colons between") {
    const test::TempDir dir;
    const Sysroot root(dir.path());
    const auto plain = elf();
    const LoadedObject object{&plain, "usr/bin", nullptr};
    const LibrarySearch bare(root, "/lib/ld-musl-x86_64.so.1", plain);
    CHECK(paths(bare, object) == Paths{"lib", "usr/local/lib", "usr/lib"});
    CHECK(bare.list_file().empty());

    dir.write("etc/ld-musl-x86_64.path", "/lib:/opt/lib\n/usr/lib\n\nrelative");
    const LibrarySearch listed(root, "/lib/ld-musl-x86_64.so.1", plain);
    CHECK(paths(listed, object) == Paths{"lib (listed)", "opt/lib (listed)", "usr/lib (listed)"});
    CHECK(listed.list_file() == "etc/ld-musl-x86_64.path");
    // Of another architecture, or another installation.
    CHECK(paths(LibrarySearch(root, "/lib/ld-musl-aarch64.so.1", plain), object) == paths(bare, object));
    CHECK(paths(LibrarySearch(root, "/opt/musl/lib/ld-musl-x86_64.so.1", plain), object) ==
          paths(bare, object));
    dir.write("opt/musl/etc/ld-musl-x86_64.path", "/opt/musl/lib");
    CHECK(paths(LibrarySearch(root, "/opt/musl/lib/ld-musl-x86_64.so.1", plain), object) ==
          Paths{"opt/musl/lib (listed)"});
}

TEST_CASE("musl inherits RUNPATH like RPATH, and only knows $ORIGIN") {
    const test::TempDir dir;
    const Sysroot root(dir.path());
    const auto program = elf("/opt/hidden", "/opt/program");
    const auto library = elf("$ORIGIN/private");
    const auto odd = elf("/opt/odd:/opt/$LIB");
    const auto plain = elf();
    const LibrarySearch search(root, "/lib/ld-musl-x86_64.so.1", plain);
    const LoadedObject top{&program, "usr/bin", nullptr};
    const LoadedObject below{&library, "usr/lib", &top};
    const LoadedObject last{&odd, "x", &below};
    CHECK(paths(search, last) == Paths{"usr/lib/private", "opt/program", "lib", "usr/local/lib", "usr/lib"});
}

TEST_CASE("musl is its own libc, libm and the like") {
    const test::TempDir dir;
    const Sysroot root(dir.path());
    const LibrarySearch musl(root, "/lib/ld-musl-x86_64.so.1", elf());
    for (const auto* name :
         {"libc.so", "libc.musl-x86_64.so.1", "libm.so.6", "libpthread.so.0", "libdl.so.2"})
        CHECK(musl.is_loader_itself(name));
    for (const auto* name : {"libcrypto.so.3", "libmount.so.1", "ld.so", "libz.so.1"})
        CHECK_FALSE(musl.is_loader_itself(name));
    CHECK_FALSE(musl.passes_over_foreign());
    const LibrarySearch glibc(root, "/lib64/ld-linux-x86-64.so.2", elf());
    CHECK_FALSE(glibc.is_loader_itself("libc.so.6"));
    CHECK(glibc.passes_over_foreign());
}
