// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_indexes.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
using namespace mkpxerd::test;

TEST_CASE("an index has the bytes that depmod writes") {
    KmodIndex index;
    index.add("on", "c", 2);
    index.add("ask", "a", 0);
    index.add("on", "b", 1);
    // depmod writes children before their parent: "sk" at 0xc, "n" at 0x19, the root at 0x2b.
    CHECK(*index.bytes("x") == from_hex("b007f45700020001"
                                        "2000002b"
                                        "736b00"
                                        "00000001"
                                        "00000000"
                                        "6100"
                                        "6e00"
                                        "00000002"
                                        "00000001"
                                        "6200"
                                        "00000002"
                                        "6300"
                                        "616f"
                                        "c000000c"
                                        "00000000000000000000000000000000000000000000000000000000"
                                        "000000000000000000000000000000000000000000000000"
                                        "c0000019"));
}

TEST_CASE("an index holds no key that libkmod does not ask for") {
    KmodIndex index;
    CHECK(*index.bytes("x") == from_hex("b007f457000200010000000c")); // a root without anything
    for (const char* key : {"a", "ab", "abc", "abd", "pci:v*d[0-9]*", "x", "xyz", "xyzzy"})
        index.add(key, key, 7);
    index.add("", "no key", 0);
    index.add("\xc3\xa4", "not ascii", 0);
    index.add(std::string(5000, 'k'), "too long", 0);
    const std::string bytes = *index.bytes("x");
    for (const char* lost : {"no key", "not ascii", "too long"})
        CHECK(bytes.find(lost) == std::string::npos);
}

TEST_CASE("aliases are spelled as modprobe looks them up") {
    CHECK(normalize_alias("fs-nfs") == "fs_nfs");
    CHECK(normalize_alias("a-b[c-d]e-f") == "a_b[c-d]e_f");
}

TEST_CASE("indexes say what the lists of the image say") {
    TempDir dir;
    dir.write("modules.symbols", "# a comment\nalias symbol:used one\nalias symbol:other elsewhere\n");
    ModuleSet modules;
    modules.lists = {{"modules.alias", "alias fs-one one\nalias gone elsewhere\n"},
                     {"modules.dep", "kernel/one.ko: kernel/two.ko\nkernel/two.ko:\n"}};
    const auto with = add_module_indexes(modules, dir.path());
    REQUIRE(with);
    std::map<std::string, std::string> lists(with->lists.begin(), with->lists.end());
    CHECK(lists.size() == 7);
    CHECK(lists["modules.dep.bin"].find("kernel/one.ko: kernel/two.ko") != std::string::npos);
    CHECK(lists["modules.alias.bin"].find("fs_one") != std::string::npos);
    CHECK(lists["modules.alias.bin"].find("elsewhere") == std::string::npos);
    CHECK(lists["modules.symbols.bin"].find("symbol:used") != std::string::npos);
    CHECK(lists["modules.symbols.bin"].find("elsewhere") == std::string::npos);
}
