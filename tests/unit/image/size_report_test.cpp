// SPDX-License-Identifier: MIT
#include "mkpxerd/image/size_report.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "image_file.hpp"
#include "mkpxerd/image/compressed_files.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

std::uint64_t sum(const std::vector<SizeRow>& rows, std::uint64_t SizeRow::*member) {
    std::uint64_t total = 0;
    for (const SizeRow& row : rows)
        total += row.*member;
    return total;
}

const SizeRow* row(const std::vector<SizeRow>& rows, std::string_view name) {
    for (const SizeRow& each : rows)
        if (each.name == name) return &each;
    return nullptr;
}

NewcBuilder sample() {
    NewcBuilder b;
    b.file("init", std::string(3000, 'i'), 0755).directory("lib");
    b.file("lib/modules/6.1/kernel/drivers/net/ethernet/x/x.ko", std::string(5000, 'x'));
    b.file("lib/modules/6.1/kernel/fs/nfs/nfs.ko.xz", std::string(700, 'n'));
    b.file("lib/modules/6.1/modules.dep", "dep").file("lib/firmware/tigon/tg3.bin", std::string(100, 'f'));
    b.file("lib/libc.so.6", "elf", 0755)
        .file("bin/sh", "elf", 0755)
        .file("etc/x", "x")
        .link("l", "x")
        .trailer();
    return b;
}

} // namespace

TEST_CASE("each table of sizes adds up to the file, in plain and compressed parts") {
    const TempDir dir;
    std::string file = sample().text() + compressed_gzip();
    while (file.size() % 4 != 0)
        file += '\0';
    file += sample().text() + compressed_xz() + compressed_zstd() + compressed_lz4() + std::string(9, '\0');
    const auto image = Image::open(dir.write("x.img", file));
    REQUIRE(image);
    std::vector<Provenance> reasons = {{"init", "builtin", "", "", "", 0}};
    const SizeReport sizes = measure(*image, reasons);
    CHECK(sizes.file == file.size());
    CHECK_FALSE(sizes.exact);
    CHECK(sum(sizes.kinds, &SizeRow::compressed) == sizes.file);
    CHECK(sum(sizes.kinds, &SizeRow::unpacked) == sizes.unpacked);
    CHECK(sum(sizes.features, &SizeRow::compressed) == sizes.file);
    CHECK(sum(sizes.kinds, &SizeRow::entries) == image->entries().size());
}

TEST_CASE("entries are counted under their kind, family and firmware directory") {
    const TempDir dir;
    const SizeReport sizes = measure(open_image(dir, "x.img", sample()), {});
    CHECK(sizes.exact);
    for (const char* kind : {"init", "modules", "module lists", "firmware", "libraries", "programs",
                             "other files", "directories, links, nodes", "(archive)"}) {
        INFO(kind);
        CHECK(row(sizes.kinds, kind) != nullptr);
    }
    CHECK(row(sizes.kinds, "modules")->entries == 2);
    REQUIRE(row(sizes.families, "net/ethernet") != nullptr);
    CHECK(row(sizes.families, "net/ethernet")->compressed > 5000);
    CHECK(row(sizes.families, "fs")->entries == 1);
    CHECK(row(sizes.firmware, "tigon")->entries == 1);
    CHECK(sizes.features.empty());
    CHECK(sizes.largest.front().name.ends_with("x.ko"));
    CHECK(sizes.largest.size() == 10);
}

TEST_CASE("a dependency counts for the feature at the end of its chain") {
    const TempDir dir;
    NewcBuilder b;
    b.file("lib/modules/6.1/kernel/net/sunrpc/sunrpc.ko", "s")
        .file("lib/modules/6.1/kernel/fs/lockd/lockd.ko", "l");
    b.file("lib/modules/6.1/kernel/fs/nfs/nfs.ko", "n")
        .file("bin/tool", "t")
        .file("lib/libz.so", "z")
        .file("init", "i");
    b.file("a", "in a circle").file("b", "too").trailer();
    const std::string m = "lib/modules/6.1/kernel/";
    const SizeReport sizes =
        measure(open_image(dir, "x.img", b),
                {
                    {m + "net/sunrpc/sunrpc.ko", "depends", "lockd", "", "", 0},
                    {m + "fs/lockd/lockd.ko", "depends", "nfs", "", "", 0},
                    {m + "fs/nfs/nfs.ko", "pattern", "", "nfs", "features.d/nfs.modules", 3},
                    {"bin/tool", "pattern", "", "tools", "features.d/tools.files", 1},
                    {"lib/libz.so", "library", "bin/tool", "", "", 0},
                    {"init", "builtin", "", "", "", 0},
                    {"a", "link-target", "b", "", "", 0},
                    {"b", "link-target", "a", "", "", 0},
                });
    CHECK(row(sizes.features, "nfs")->entries == 3);
    CHECK(row(sizes.features, "tools")->entries == 2);
    CHECK(row(sizes.features, "(every image)")->entries == 3);
}

TEST_CASE("plain sizes count compressed modules and firmware as if they were decompressed") {
    const TempDir dir;
    NewcBuilder b;
    b.file("lib/modules/6.1/kernel/fs/nfs/nfs.ko.xz", compressed_xz()).file("init", "i", 0755).trailer();
    const Image image = open_image(dir, "x.img", b);
    const SizeReport sizes = measure(image, {}, *plain_sizes(image));
    CHECK(sizes.has_compressed);
    const SizeRow* modules = row(sizes.kinds, "modules");
    CHECK(modules->plain == modules->unpacked - compressed_xz().size() + 512);
    CHECK(row(sizes.kinds, "init")->plain == row(sizes.kinds, "init")->unpacked);
    CHECK(sum(sizes.kinds, &SizeRow::plain) - sum(sizes.kinds, &SizeRow::unpacked) ==
          512 - compressed_xz().size());
    CHECK_FALSE(measure(image, {}).has_compressed);
}
