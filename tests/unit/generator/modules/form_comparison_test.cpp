// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/form_comparison.hpp"

#include <catch2/catch.hpp>

#include "samples.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// Plain modules of the tree.
struct PlainSet {
    test::TempDir dir;
    ReadModules modules;
    void add(const std::string& content) {
        ReadModule module;
        module.name = "m" + std::to_string(modules.modules.size());
        module.path = "kernel/" + module.name + ".ko";
        module.source = dir.write(module.name, content);
        module.size = content.size();
        module.file.plain_size = content.size();
        modules.modules.push_back(std::move(module));
    }
    bool is_smaller_packed(const wrap::CompressorOptions& image) const {
        FilePacks packs(wrap::packing_zstd, nullptr);
        const auto smaller = generator::is_smaller_packed(modules, &packs, image);
        REQUIRE(smaller);
        return *smaller;
    }
};

} // namespace

TEST_CASE("modules that resemble each other are smaller together, those that do not are smaller packed") {
    PlainSet alike;
    PlainSet apart;
    for (unsigned i = 0; i < 8; ++i) {
        alike.add(test::noise(5000) + std::string(5000, 'x'));
        apart.add(test::noise(200, i) + test::prose(2000 + 100 * i));
    }
    CHECK_FALSE(alike.is_smaller_packed({wrap::Format::Zstd, 1}));
    CHECK(alike.is_smaller_packed({wrap::Format::None, {}}));
    CHECK(apart.is_smaller_packed({wrap::Format::None, {}}));
    CHECK(PlainSet().is_smaller_packed({wrap::Format::Gzip, 1}));
}

TEST_CASE("a comparison is remembered for the same modules, formats and levels") {
    const test::TempDir dir;
    PlainSet set;
    for (unsigned i = 0; i < 3; ++i)
        set.add(test::noise(300, i) + test::prose(2000));
    const auto [format, lowest] = GENERATE(
        table<wrap::Format, int>({{wrap::Format::Xz, 0}, {wrap::Format::Zstd, 1}, {wrap::Format::Lz4, 1}}));
    const auto compare = [&, format = format](int level) {
        const auto cache = std::make_shared<wrap::ChunkCache>(dir / "cache");
        const bool smaller = set.is_smaller_packed({format, level, 1, cache});
        CHECK(smaller == set.is_smaller_packed({format, level, 1}));
        return cache->hits();
    };
    CHECK(compare(lowest) == 0);
    CHECK(compare(lowest) == 1);
    CHECK(compare(lowest + 1) == 0);
    set.dir.write("m1", test::noise(set.modules.modules[1].size));
    CHECK(compare(lowest) == 0);
}

TEST_CASE("a module that is gone is an error") {
    PlainSet set;
    set.add(test::prose(1000));
    std::filesystem::remove(set.dir / "m0");
    FilePacks packs(wrap::packing_zstd, nullptr);
    CHECK_FALSE(is_smaller_packed(set.modules, &packs, {wrap::Format::Gzip, 1}));
    CHECK_FALSE(is_smaller_packed(set.modules, nullptr, {wrap::Format::Gzip, 1}));
}
