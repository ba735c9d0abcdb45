// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_file.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "elf_module.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// A compressed module, and the same path with content that no longer can be unpacked.
struct CompressedModule {
    test::TempDir dir;
    std::string plain =
        test::ElfModule{.modinfo = {"license=GPL", "firmware=a.fw"}, .imports = {"register_netdev"}}.build();
    TreePath file = dir.write("a.ko.gz", test::compressed(plain, wrap::Format::Gzip));
    void spoil() const {
        const std::string whole = test::compressed(plain, wrap::Format::Gzip);
        dir.write("a.ko.gz", whole.substr(0, whole.size() / 2));
    }
};

} // namespace

TEST_CASE("a compressed module is unpacked once for all who read it") {
    const CompressedModule module;
    PlainContents contents;
    CHECK(read_module_imports(module.file, &contents).value() == std::vector<std::string>{"register_netdev"});
    module.spoil();
    const auto read = read_module_file(module.file, &contents);
    REQUIRE(read);
    CHECK(read->compressed == wrap::Format::Gzip);
    CHECK(read->plain_size == module.plain.size());
    REQUIRE(read->plain);
    CHECK(*read->plain == module.plain);
    CHECK(read->firmware == std::vector<std::string>{"a.fw"});
    CHECK_FALSE(read_module_file(module.file));
}

TEST_CASE("content that does not fit is not kept, and unpacked again") {
    const CompressedModule module;
    PlainContents contents(module.plain.size() - 1);
    const auto read = read_module_file(module.file, &contents);
    REQUIRE(read);
    CHECK_FALSE(read->plain);
    CHECK(read->plain_size == module.plain.size());
    module.spoil();
    CHECK_FALSE(read_module_file(module.file, &contents));
}

TEST_CASE("a plain module is left where it is") {
    const test::TempDir dir;
    const TreePath file = dir.write("a.ko", test::ElfModule{.modinfo = {"license=GPL"}}.build());
    PlainContents contents;
    const auto read = read_module_file(file, &contents);
    REQUIRE(read);
    CHECK_FALSE(read->compressed);
    CHECK_FALSE(read->plain);
    CHECK_FALSE(contents.find(file));
}
