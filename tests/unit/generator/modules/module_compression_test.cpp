// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_compression.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "compressed.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const std::optional<std::string> loads_all = "CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_GZIP=y\n"
                                             "CONFIG_MODULE_COMPRESS_XZ=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n";

constexpr std::size_t content_bytes = 50 << 10;

// Bytes of which so many in a hundred are random.
std::string make_content(std::size_t size, unsigned random, unsigned seed) {
    constexpr std::string_view code = "instruction";
    std::mt19937 numbers(seed);
    std::string bytes;
    while (bytes.size() < size)
        bytes += numbers() % 100 < random ? static_cast<char>(numbers()) : code[bytes.size() % code.size()];
    return bytes;
}

// Four modules. Two of them are kept unpacked in memory, as if there was no room for the others.
struct CompressedSet {
    test::TempDir dir;
    ReadModules modules;
    std::string all_compressed;
    std::string all_plain;
    CompressedSet(wrap::Format format, unsigned random) {
        for (unsigned i = 0; i < 4; ++i) {
            const auto plain =
                std::make_shared<const std::string>(make_content(content_bytes, random, i % 3));
            const std::string bytes = test::compressed(*plain, format);
            ReadModule module;
            module.name = "m" + std::to_string(i);
            module.path = "kernel/" + module.name + ".ko.gz";
            module.source = dir.write(module.name, bytes);
            module.size = bytes.size();
            module.file.compressed = format;
            module.file.plain_size = plain->size();
            if (i < 2) module.file.plain = plain;
            modules.modules.push_back(std::move(module));
            all_compressed += bytes;
            all_plain += *plain;
        }
    }
    ModuleSet place(wrap::Format image) const {
        wrap::CompressorOptions compression{image, {}, 1};
        if (image != wrap::Format::None)
            compression.level = wrap::level_range(image).lowest; // as test::compressed
        const auto set = place_modules(
            modules,
            {.kernel_config = loads_all, .policy = ModulePolicy::Smaller, .compression = compression});
        REQUIRE(set);
        return *set;
    }
};

} // namespace

TEST_CASE(
    "of compressed and plain modules those go in that make the smaller image, whatever the compressions") {
    std::string kept;
    for (const wrap::Format modules : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd})
        for (const unsigned random : {0U, 5U, 50U, 100U}) {
            const CompressedSet set(modules, random);
            for (const wrap::Format image : {wrap::Format::None, wrap::Format::Gzip, wrap::Format::Xz,
                                             wrap::Format::Zstd, wrap::Format::Lz4}) {
                INFO(wrap::format_name(modules) << " in " << wrap::format_name(image) << ", " << random);
                const bool is_smaller = test::compressed(set.all_compressed, image).size() <
                                        test::compressed(set.all_plain, image).size();
                const bool keeps = std::holds_alternative<TreePath>(set.place(image).modules.front().content);
                CHECK(keeps == is_smaller);
                kept += keeps ? 'k' : 'p';
            }
        }
    CHECK(kept.find('k') != std::string::npos);
    CHECK(kept.find('p') != std::string::npos);
}

TEST_CASE("a module that goes in plain has the name and size of its content, and one that is kept those of "
          "its file") {
    const CompressedSet set(wrap::Format::Gzip, 50);
    const Module compressed = set.place(wrap::Format::None).modules.front();
    CHECK(compressed.path == "kernel/m0.ko.gz");
    CHECK(compressed.size == set.modules.modules.front().size);
    CHECK(std::get<TreePath>(compressed.content) == set.modules.modules.front().source);

    const wrap::CompressorOptions compression{wrap::Format::None, {}, 1};
    const ModuleSet plain =
        place_modules(set.modules,
                      {.kernel_config = loads_all, .policy = ModulePolicy::Plain, .compression = compression})
            .value();
    CHECK(plain.modules.front().path == "kernel/m0.ko");
    CHECK(plain.modules.front().size == content_bytes);
    const auto& content = std::get<CompressedFile>(plain.modules.front().content);
    CHECK(content.format == wrap::Format::Gzip);
    CHECK(content.plain == set.modules.modules.front().file.plain);
    CHECK_FALSE(std::get<CompressedFile>(plain.modules.back().content).plain);
}
