// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/elf.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>

#include "elf_image.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "samples.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using test::ElfImage;
using wrap::ElfInfo;

namespace {

Result<ElfInfo> read(const std::string& bytes) {
    const UniqueFd fd(::memfd_create("elf", MFD_CLOEXEC));
    REQUIRE(write_all(fd.get(), std::as_bytes(std::span(bytes)), "elf"));
    return wrap::read_elf(fd.get(), "tree/lib/x.so");
}

std::string error_of(const std::string& bytes) {
    const auto elf = read(bytes);
    return elf ? "" : elf.error().text();
}

// Writes a number over part of a file.
std::string patched(std::string bytes, std::size_t at, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
        bytes.at(at + i) = static_cast<char>(value >> (8 * i));
    return bytes;
}

std::string shared_library() {
    const test::TempDir dir;
    dir.write("x.c", "int f(void) { return 1; }");
    const std::string command =
        "cd '" + dir.path().string() +
        "' && gcc -shared -fPIC -Wl,-soname,libx.so.1 -Wl,-rpath,'$ORIGIN/../lib' -o x.so x.c -lm";
    REQUIRE(std::system(command.c_str()) == 0);
    return *read_file(dir / "x.so");
}

} // namespace

TEST_CASE("ELF files are known by their first bytes") {
    CHECK(wrap::is_elf("\x7f"
                       "ELF and more"));
    CHECK_FALSE(wrap::is_elf("\x7f"
                             "EL"));
    CHECK_FALSE(wrap::is_elf("#!/bin/sh"));
    CHECK_FALSE(wrap::is_elf(""));
}

TEST_CASE("what a loader needs is read in every class and byte order") {
    for (const bool is_64 : {false, true})
        for (const bool big_endian : {false, true}) {
            ElfImage image;
            image.is_64 = is_64;
            image.big_endian = big_endian;
            image.machine = EM_PPC64;
            image.type = ET_EXEC;
            image.interpreter = "/lib/ld.so.1";
            image.needed = {"liba.so.1", "libb.so.2"};
            image.rpath = "/opt/lib:$ORIGIN";
            image.runpath = "/run/lib";
            image.soname = "libself.so";
            image.dlopen_notes = {R"([{"soname":["libx.so.1"]}])", "[]"};
            image.imports = {"free", "pthread_exit"};
            image.counts_symbols = is_64;
            const auto elf = read(image.build());
            REQUIRE(elf);
            CHECK(elf->type == ElfInfo::Type::Executable);
            CHECK(elf->is_64 == is_64);
            CHECK(elf->big_endian == big_endian);
            CHECK(elf->machine == EM_PPC64);
            CHECK(elf->interpreter == image.interpreter);
            CHECK(elf->needed == image.needed);
            CHECK(elf->rpath == image.rpath);
            CHECK(elf->runpath == image.runpath);
            CHECK(elf->soname == image.soname);
            CHECK(elf->dlopen_notes == image.dlopen_notes);
            CHECK(elf->imports == image.imports);
        }
}

TEST_CASE("a real program and a real library are read") {
    const auto self = UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    const auto program = wrap::read_elf(self.get(), "self");
    REQUIRE(program);
    CHECK_FALSE(program->interpreter.empty());
    CHECK_FALSE(program->needed.empty());
    CHECK(std::ranges::find(program->imports, "memfd_create") != program->imports.end());

    const auto library = read(shared_library());
    REQUIRE(library);
    CHECK(library->type == ElfInfo::Type::Shared);
    CHECK(library->interpreter.empty());
    CHECK(library->soname == "libx.so.1");
    CHECK(library->rpath + library->runpath == "$ORIGIN/../lib");
    CHECK(library->same_machine(*program));
}

TEST_CASE("machines are told apart by class, order and number") {
    ElfInfo one;
    one.is_64 = true;
    one.machine = EM_X86_64;
    ElfInfo other = one;
    CHECK(one.same_machine(other));
    CHECK(wrap::machine_text(one) == "64-bit x86-64");
    other.is_64 = false; // x32
    CHECK_FALSE(one.same_machine(other));
    other = one;
    other.big_endian = true;
    other.machine = 8;
    CHECK_FALSE(one.same_machine(other));
    CHECK(wrap::machine_text(other) == "64-bit big-endian MIPS");
    other.machine = 4711;
    CHECK(wrap::machine_text(other) == "64-bit big-endian machine 4711");
}

TEST_CASE("static programs need nothing, objects and cores are named by their kind alone") {
    ElfImage image;
    image.type = ET_EXEC;
    CHECK(read(image.build())->needed.empty());
    CHECK(read(image.build())->interpreter.empty());
    image.type = ET_REL;
    image.interpreter = "/lib/ld.so";
    CHECK(read(image.build())->type == ElfInfo::Type::Relocatable);
    CHECK(read(image.build())->interpreter.empty());
    image.type = ET_CORE;
    CHECK(read(image.build())->type == ElfInfo::Type::Other);
}

TEST_CASE("a broken ELF file is an error that names it and what is wrong") {
    ElfImage image;
    image.interpreter = "/lib/ld.so";
    image.needed = {"libc.so.6"};
    const std::string good = image.build();
    REQUIRE(read(good));
    const std::string object = "tree/lib/x.so: is a broken ELF file: it ";
    CHECK(error_of("\x7f"
                   "ELF") == object + "has no ELF header that can be read");
    CHECK(error_of(good.substr(0, good.size() - 1)) == object + "is cut short within a segment");
    CHECK(error_of(good.substr(0, 100)) == object + "is cut short within its program headers");
    CHECK(error_of(patched(good, 54, 40, 2)) == object + "has program headers of an unknown size");
    CHECK(error_of(patched(good, 64 + 56 + 32, 1, 8)) ==
          object + "has an interpreter of an impossible length");
    CHECK(error_of(patched(good, 64 + 56 + 32, 5000, 8)) == object + "is cut short within a segment");
    CHECK(error_of(patched(good, 64 + 56 + 32, 3, 8)) == object + "has an interpreter without an end");
    CHECK(error_of(patched(good, 64 + 16, 0x20000, 8)) == object + "has names outside its segments");
    const std::size_t dynamic = good.size() - 4 * 16; // NEEDED, STRTAB, STRSZ, NULL
    CHECK(error_of(patched(good, dynamic + 8, 99, 8)) == object + "has a name outside its string table");
    CHECK(error_of(patched(good, dynamic + 8, 0, 8)) == object + "needs a library without a name");
    CHECK(error_of(patched(good, dynamic + 16, DT_DEBUG, 8)) == object + "has dynamic entries without names");
    CHECK(error_of(patched(good, dynamic + 40, 5, 8)) == object + "has a name outside its string table");
}

TEST_CASE("an ELF file cut anywhere is refused") {
    ElfImage image;
    image.interpreter = "/lib/ld.so";
    image.needed = {"liba.so", "libb.so"};
    image.dlopen_notes = {"[]"};
    for (const bool is_64 : {false, true}) {
        image.is_64 = is_64;
        const std::string good = image.build();
        for (std::size_t size = 4; size < good.size(); ++size) {
            INFO("cut at " << size);
            REQUIRE_FALSE(read(good.substr(0, size)));
        }
    }
}

TEST_CASE("a real library with wrong bytes is refused or read, and nothing else") {
    const std::string good = shared_library();
    test::Random random(11);
    for (unsigned i = 0; i < 4000; ++i) {
        std::string bad = good;
        // Most of what is read lies at the front and in the dynamic segment; the rest is hit now and then.
        const std::size_t reach = i % 4 == 0 ? bad.size() : std::min<std::size_t>(bad.size(), 800);
        for (std::size_t flips = 1 + random.below(4); flips > 0; --flips)
            bad[4 + random.below(reach - 4)] = static_cast<char>(random.next() >> 56U);
        if (i % 3 == 0) bad.resize(4 + random.below(bad.size() - 4));
        const auto elf = read(bad);
        if (!elf) CHECK(elf.error().first().object == "tree/lib/x.so");
    }
    for (std::size_t size = 4; size < good.size(); size += 61) {
        const auto elf = read(good.substr(0, size));
        if (elf) CHECK(elf->needed.size() <= 2);
    }
}

TEST_CASE("notes that are broken or of others are passed over") {
    ElfImage image;
    image.dlopen_notes = {"[1]", "[2]"};
    std::string bytes = image.build();
    CHECK(read(bytes)->dlopen_notes == image.dlopen_notes);
    const std::size_t owner = bytes.find("FDO");
    bytes[owner] = 'G';
    CHECK(read(bytes)->dlopen_notes == std::vector<std::string>{"[2]"});
    bytes = patched(image.build(), owner - 8, 0xffffff00U, 4); // a description longer than the segment
    CHECK(read(bytes));
}

TEST_CASE("unreadable symbols count as none, and do no harm") {
    ElfImage image;
    image.needed = {"libc.so.6"};
    image.imports = {"pthread_exit"};
    image.counts_symbols = true;
    const std::string whole = image.build();
    for (std::size_t at = 64; at < whole.size(); ++at)
        for (const unsigned value : {0U, 0x7fU, 0xffU})
            (void)read(patched(whole, at, value, 1));
    ElfImage s390 = image;
    s390.machine = EM_S390; // wide words in its table of hashes: this one counts too many
    const auto elf = read(s390.build());
    REQUIRE(elf);
    CHECK(elf->imports.empty());
    image.counts_symbols = false;
    image.imports.clear();
    CHECK(read(image.build())->imports.empty());
}

TEST_CASE(
    "an ELF file whose entries all name the same long text costs no more memory than a few times its size") {
    constexpr std::size_t count = 200;
    ElfImage image;
    image.needed.assign(count, "b");
    image.needed.front() = std::string(4000, 'a');
    std::string bytes = image.build();
    const std::size_t dynamic = bytes.size() - (count + 3) * 16; // and STRTAB, STRSZ, NULL
    for (std::size_t i = 1; i < count; ++i)
        bytes = patched(bytes, dynamic + i * 16 + 8, 1, 8);
    CHECK(error_of(bytes).find("more bytes of names than of content") != std::string::npos);
}

TEST_CASE("what a few bytes of an ELF file can name again and again is bounded, and the bound is named") {
    ElfImage many;
    many.needed.assign(5000, "libx.so.1");
    CHECK(error_of(many.build()) ==
          "tree/lib/x.so: is a broken ELF file: it has more than 4096 needed libraries");
    ElfImage name;
    name.needed = {std::string(4096, 'x')};
    CHECK(error_of(name.build()) ==
          "tree/lib/x.so: is a broken ELF file: it has more than 4095 bytes in the name of a library");
    ElfImage path;
    path.soname = "libx.so.1";
    path.runpath = std::string(16385, '/');
    CHECK(error_of(path.build()) ==
          "tree/lib/x.so: is a broken ELF file: it has more than 16384 bytes in its RPATH or RUNPATH");
    ElfImage notes;
    notes.dlopen_notes = {std::string(17 << 20, ' ')};
    CHECK(error_of(notes.build()) ==
          "tree/lib/x.so: is a broken ELF file: it has more than 16777216 bytes of notes");
    ElfImage usual;
    usual.needed.assign(1, std::string(255, 'x'));
    usual.runpath = std::string(4000, 'x');
    CHECK(read(usual.build()));
}
