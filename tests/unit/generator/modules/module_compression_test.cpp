// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_compression.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "compressed.hpp"
#include "mkpxerd/generator/archive/cpio_writer.hpp"
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
        }
    }
    ModuleSet place(wrap::Format image, ModulePolicy policy = ModulePolicy::Smaller) const {
        const wrap::CompressorOptions compression = options(image);
        const auto set = place_modules(
            modules, {.kernel_config = loads_all, .policy = policy, .compression = compression});
        REQUIRE(set);
        return *set;
    }
    // Of the modules alone.
    std::size_t image_bytes(ModulePolicy policy, wrap::Format image) const {
        std::size_t bytes = 0;
        const auto compressor =
            wrap::make_compressor(options(image), [&](std::span<const std::byte> piece) -> Result<void> {
                bytes += piece.size();
                return {};
            });
        REQUIRE(compressor);
        CpioWriter cpio(**compressor, 0);
        for (const Module& module : place(image, policy).modules) {
            ImageEntry entry;
            entry.path = "lib/modules/6.1.0-57-amd64/" + module.path;
            std::visit([&](const auto& content) { entry.content = content; }, module.content);
            entry.size = module.size;
            entry.is_packed = module.is_packed;
            REQUIRE(cpio.add(entry));
        }
        REQUIRE((*compressor)->finish());
        return bytes;
    }
    static wrap::CompressorOptions options(wrap::Format image) {
        wrap::CompressorOptions compression{image, {}, 1};
        if (image != wrap::Format::None) compression.level = wrap::level_range(image).lowest;
        return compression;
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
                const bool is_smaller =
                    set.image_bytes(ModulePolicy::Keep, image) <= set.image_bytes(ModulePolicy::Plain, image);
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

TEST_CASE("plain modules go in packed when asked for, compressed ones as they are, and all of them plain") {
    const test::TempDir dir;
    const auto packed = std::make_shared<const std::string>(make_content(content_bytes, 5, 1));
    ReadModules modules;
    ReadModule plain;
    plain.name = "plain";
    plain.path = "kernel/plain.ko";
    plain.source = dir.write("plain", *packed);
    plain.size = plain.file.plain_size = packed->size();
    modules.modules.push_back(plain);
    ReadModule tiny = plain;
    tiny.name = "tiny";
    tiny.path = "kernel/tiny.ko";
    tiny.source = dir.write("tiny", "x");
    tiny.size = tiny.file.plain_size = 1;
    modules.modules.push_back(tiny);
    ReadModule compressed = CompressedSet(wrap::Format::Gzip, 5).modules.modules.front();
    compressed.source = dir.write("m0", std::string(compressed.size, 'x'));
    modules.modules.push_back(compressed);
    const std::optional<std::string> no_config;
    const wrap::CompressorOptions gzip;
    const auto place = [&](ModulePolicy policy) {
        return place_modules(
                   modules,
                   {.kernel_config = no_config, .policy = policy, .own_init = true, .compression = gzip})
            .value()
            .modules;
    };
    const auto paths = [](const std::vector<Module>& all) {
        std::string text;
        for (const Module& module : all)
            text += module.path + (module.is_packed ? "! " : " ");
        return text;
    };
    CHECK(paths(place(ModulePolicy::Keep)) == "kernel/plain.ko kernel/tiny.ko kernel/m0.ko.gz! ");
    CHECK(paths(place(ModulePolicy::Plain)) == "kernel/plain.ko kernel/tiny.ko kernel/m0.ko ");
    CHECK(paths(place(ModulePolicy::Packed)) == "kernel/plain.ko.zst! kernel/tiny.ko kernel/m0.ko.gz! ");
    CHECK(paths(place(ModulePolicy::PackedXz)) == "kernel/plain.ko.xz! kernel/tiny.ko kernel/m0.ko.gz! ");
    const Module module = place(ModulePolicy::PackedXz).front();
    const auto& content = std::get<PackedFile>(module.content);
    CHECK(content.source == plain.source);
    CHECK(content.plain_size == content_bytes);
    CHECK(content.packing == wrap::packing_xz);
    CHECK(module.size == content.packed->size());
    CHECK(module.size < content_bytes / 2);
}

TEST_CASE(
    "a kernel that must load packed modules itself must be able to, and our init needs no such kernel") {
    const test::TempDir dir;
    const std::string content = make_content(content_bytes, 5, 1);
    ReadModules modules;
    modules.kernel_version = "6.1";
    ReadModule plain;
    plain.path = "kernel/plain.ko";
    plain.source = dir.write("plain", content);
    plain.size = plain.file.plain_size = content.size();
    modules.modules.push_back(plain);
    const std::optional<std::string> without = "CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n";
    const std::optional<std::string> unknown;
    const wrap::CompressorOptions none{wrap::Format::None, {}, 1};
    const auto place = [&](const std::optional<std::string>& config, ModulePolicy policy, bool own_init) {
        return place_modules(
            modules, {.kernel_config = config, .policy = policy, .own_init = own_init, .compression = none});
    };
    const auto refused = place(without, ModulePolicy::Packed, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text() ==
          "kernel 6.1: cannot load modules compressed with zstd: it was built without "
          "CONFIG_MODULE_COMPRESS_ZSTD (use --modules packed:xz, or plain)");
    CHECK(place(loads_all, ModulePolicy::Packed, false)->modules.front().path == "kernel/plain.ko.zst");
    CHECK(place(without, ModulePolicy::PackedXz, false)->modules.front().path == "kernel/plain.ko.xz");
    CHECK(place(unknown, ModulePolicy::Packed, false)->warnings.size() == 1);
    CHECK(place(without, ModulePolicy::Packed, true)->modules.front().path == "kernel/plain.ko.zst");
    CHECK(place(unknown, ModulePolicy::Packed, true)->warnings.empty());
    // Without an option, only our init gets plain modules packed.
    CHECK(place(loads_all, ModulePolicy::Smaller, true)->modules.front().path == "kernel/plain.ko.zst");
    CHECK(place(loads_all, ModulePolicy::Smaller, false)->modules.front().path == "kernel/plain.ko");
}
