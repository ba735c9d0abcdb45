// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/modinfo.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "elf_image.hpp"
#include "elf_module.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

Result<std::vector<std::string>> modinfo(const std::string& text) {
    return wrap::read_modinfo(std::as_bytes(std::span(text)), "x.ko");
}

// Writes a number over part of a file.
std::string patched(std::string bytes, std::size_t at, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
        bytes.at(at + i) = static_cast<char>(value >> (8 * i));
    return bytes;
}

} // namespace

TEST_CASE("the texts of a module are read of every machine's, from memory and from a file") {
    const auto machine =
        GENERATE(test::ElfModule{true, false, EM_X86_64}, test::ElfModule{true, true, EM_S390},
                 test::ElfModule{false, true, EM_MIPS}, test::ElfModule{false, false, EM_ARM});
    test::ElfModule module = machine;
    module.modinfo = {"license=GPL", "firmware=x.bin", "alias=pci:v*", "empty="};
    module.imports = {"kfree"};
    const std::string bytes = module.build();
    CHECK(modinfo(bytes).value() == module.modinfo);
    const test::TempDir dir;
    const UniqueFd file(::open(dir.write("x.ko", bytes).c_str(), O_RDONLY | O_CLOEXEC));
    CHECK(wrap::read_modinfo(file.get(), "x.ko").value() == module.modinfo);
    CHECK(wrap::read_imports(file.get(), "x.ko").value() == module.imports);
}

TEST_CASE(
    "a module that is cut anywhere or damaged is an error that names it, or has texts within its bytes") {
    test::ElfModule module;
    module.modinfo = {"license=GPL", "alias=x"};
    const std::string bytes = module.build();
    for (std::size_t place = 0; place < bytes.size(); ++place) {
        const auto cut = modinfo(bytes.substr(0, place));
        if (!cut) CHECK(cut.error().first().object == "x.ko");
        std::string damaged = bytes;
        damaged[place] = static_cast<char>(damaged[place] ^ 0xff);
        if (const auto texts = modinfo(damaged)) CHECK(texts->size() < bytes.size());
    }
    for (const std::string& other :
         {std::string(), std::string("module"), test::ElfImage().build().substr(0, 60)})
        CHECK_FALSE(modinfo(other));
}

TEST_CASE("what a module imports is read of every machine's, and wrong bytes anywhere are survived") {
    const auto machine =
        GENERATE(test::ElfModule{true, false, EM_X86_64}, test::ElfModule{true, true, EM_S390},
                 test::ElfModule{false, true, EM_MIPS}, test::ElfModule{false, false, EM_ARM});
    test::ElfModule module = machine;
    module.modinfo = {"license=GPL"};
    module.imports = {"kfree", "register_netdev"};
    const std::string bytes = module.build();
    const auto read = [](const std::string& text) {
        return wrap::read_imports(std::as_bytes(std::span(text)), "x.ko");
    };
    CHECK(read(bytes).value() == module.imports);
    for (std::size_t place = 0; place < bytes.size(); ++place)
        for (const char change : {'\xff', '\x21'}) {
            std::string damaged = bytes;
            damaged[place] = static_cast<char>(damaged[place] ^ change);
            if (const auto imports = read(damaged)) CHECK(imports->size() < bytes.size());
            (void)read(bytes.substr(0, place));
        }
    CHECK_FALSE(read("module"));
}

TEST_CASE(
    "a module whose symbols all have the same long name, or that has several tables of them, is refused") {
    const auto error_of_module = [](const std::string& text) {
        const auto imports = wrap::read_imports(std::as_bytes(std::span(text)), "x.ko");
        return imports ? "" : imports.error().text();
    };
    test::ElfModule module;
    module.modinfo = {"license=GPL"};
    module.imports = {std::string(1024, 'a'), "b"};
    CHECK(error_of_module(module.build()).empty()); // no kernel has a longer one
    module.imports.front() += 'a';
    CHECK(error_of_module(module.build()).find("symbol without a name, or with an endless one") !=
          std::string::npos);

    module.imports = {"b"};
    std::string bytes = module.build();
    const std::size_t sections = bytes.size() - 4 * 64;
    bytes = patched(bytes, sections + 64 + 4, SHT_SYMTAB, 4); // .modinfo,
    bytes = patched(bytes, sections + 64 + 32, 0, 8);         // empty,
    bytes = patched(bytes, sections + 64 + 56, sizeof(Elf64_Sym), 8);
    CHECK(error_of_module(bytes).find("several tables") != std::string::npos);
}
