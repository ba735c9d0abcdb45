// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/program_files.hpp"

#include <catch2/catch.hpp>

#include "elf_image.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Lab {
    test::TempDir dir;
    Sysroot tree{dir.path()};
    ProgramFiles programs{tree};

    void elf(const std::string& path, const test::ElfImage& image = {}) const {
        dir.write(path, image.build());
    }
    wrap::ElfInfo info(const test::ElfImage& image) {
        elf("probe", image);
        ProgramFiles fresh(tree);
        return fresh.examine("probe").value().elf.value();
    }
};

} // namespace

TEST_CASE("the first bytes tell scripts, ELF files and everything else apart") {
    Lab lab;
    lab.dir.write("script", "#!/bin/sh -e\n");
    lab.dir.write("text", "hello");
    lab.dir.write("empty", "");
    lab.elf("program", {.needed = {"libx.so"}});
    const auto& script = lab.programs.examine("script");
    REQUIRE(script);
    REQUIRE(script->shebang);
    CHECK_FALSE(script->elf);
    const auto& program = lab.programs.examine("program");
    REQUIRE(program);
    REQUIRE(program->elf);
    CHECK(program->elf->needed == std::vector<std::string>{"libx.so"});
    for (const char* other : {"text", "empty"}) {
        const auto& file = lab.programs.examine(other);
        REQUIRE(file);
        CHECK_FALSE(file->elf);
        CHECK_FALSE(file->shebang);
    }
}

TEST_CASE("a broken ELF file, a directory and a file that is absent are errors, and are kept as such") {
    Lab lab;
    lab.dir.write("broken", test::ElfImage{}.build().substr(0, 40));
    std::filesystem::create_directory(lab.dir / "directory");
    for (const char* bad : {"broken", "directory", "none"}) {
        const auto& examined = lab.programs.examine(bad);
        REQUIRE_FALSE(examined);
        CHECK_THAT(examined.error().text(), Catch::Contains((lab.dir / bad).string()));
        CHECK(&lab.programs.examine(bad) == &examined);
    }
}

TEST_CASE("only regular files are found, through links, and each is looked for once") {
    Lab lab;
    lab.dir.write("usr/bin/x", "");
    std::filesystem::create_symlink("usr/bin", lab.dir / "bin");
    const auto& found = lab.programs.find("bin/x");
    REQUIRE(found);
    CHECK(found->path == "usr/bin/x");
    CHECK(found->links == std::vector<std::string>{"bin"});
    CHECK_FALSE(lab.programs.find("bin"));
    CHECK_FALSE(lab.programs.find("none"));
    lab.dir.write("none", ""); // too late
    CHECK_FALSE(lab.programs.find("none"));
}

TEST_CASE("the loader of a library that names none is that of its libc, and of its machine") {
    Lab lab;
    lab.elf("lib64/ld-linux-x86-64.so.2");
    lab.elf("lib/ld-musl-x86_64.so.1");
    lab.elf("lib/ld-linux-aarch64.so.1", {.machine = EM_AARCH64});
    lab.dir.write("lib/ld-linux.so.9", "not an ELF file");
    const auto guess = [&](const test::ElfImage& image) {
        return lab.programs.guess_loader(lab.info(image));
    };
    CHECK(guess({.needed = {"libc.so.6"}}) == "lib64/ld-linux-x86-64.so.2");
    CHECK(guess({.needed = {"libc.musl-x86_64.so.1"}}) == "lib/ld-musl-x86_64.so.1");
    CHECK(guess({.needed = {"libc.so"}}) == "lib/ld-musl-x86_64.so.1");
    CHECK(guess({.machine = EM_AARCH64, .needed = {"libc.so.6"}}) == "lib/ld-linux-aarch64.so.1");
    CHECK_FALSE(guess({.needed = {"libx.so"}}).empty()); // whichever there is
    CHECK(guess({.machine = EM_S390, .needed = {"libc.so.6"}}).empty());
    CHECK(guess({.machine = EM_AARCH64, .needed = {"libc.musl-aarch64.so.1"}}).empty());
}
