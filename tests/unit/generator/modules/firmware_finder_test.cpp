// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/firmware_finder.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::vector<std::string> found(const test::TempDir& dir, const std::string& name) {
    const Sysroot tree(dir.path());
    FirmwareFinder finder(tree, "6.1");
    const bool any = finder.add(name, "m");
    std::vector<std::string> paths;
    for (const Firmware& firmware : finder.take())
        paths.push_back(firmware.path);
    CHECK(any == !paths.empty());
    return paths;
}

using Paths = std::vector<std::string>;

} // namespace

TEST_CASE("plain firmware of any directory goes before compressed firmware, zstd before xz") {
    const test::TempDir dir;
    dir.write("lib/firmware/updates/6.1/a.bin.xz", "x");
    CHECK(found(dir, "a.bin") == Paths{"lib/firmware/updates/6.1/a.bin.xz"});
    dir.write("lib/firmware/a.bin.zst", "x");
    CHECK(found(dir, "a.bin") == Paths{"lib/firmware/a.bin.zst"});
    dir.write("lib/firmware/updates/a.bin.zst", "x");
    CHECK(found(dir, "a.bin") == Paths{"lib/firmware/updates/a.bin.zst"});
    dir.write("lib/firmware/a.bin", "x");
    CHECK(found(dir, "a.bin") == Paths{"lib/firmware/a.bin"});
    dir.write("lib/firmware/6.1/a.bin", "x");
    CHECK(found(dir, "a.bin") == Paths{"lib/firmware/6.1/a.bin"});
    CHECK(found(dir, "b.bin").empty());
}

TEST_CASE("a wildcard of firmware finds all forms in all directories, each name once") {
    const test::TempDir dir;
    dir.write("lib/firmware/brcm/fw1-sdio.a.bin", "x");
    dir.write("lib/firmware/brcm/fw1-sdio.b.bin.zst", "x");
    dir.write("lib/firmware/brcm/fw2-sdio.c.bin.xz", "x");
    dir.write("lib/firmware/updates/brcm/fw2-sdio.d.bin", "x");
    dir.write("lib/firmware/updates/brcm/fw1-sdio.a.bin.xz", "x"); // the plain one is taken before
    dir.write("lib/firmware/brcm/other.bin", "x");
    const Paths all = {"lib/firmware/brcm/fw1-sdio.a.bin", "lib/firmware/brcm/fw1-sdio.b.bin.zst",
                       "lib/firmware/brcm/fw2-sdio.c.bin.xz", "lib/firmware/updates/brcm/fw2-sdio.d.bin"};
    CHECK(found(dir, "brcm/fw*-sdio.*.bin") == all);
    CHECK(found(dir, "brcm/fw*") == all); // no end of the name is written down
    CHECK(found(dir, "brcm/none*").empty());
}

TEST_CASE("firmware of a tree with usr/lib alone has the image's place for it") {
    const test::TempDir dir;
    dir.write("usr/lib/firmware/x.bin", "x");
    CHECK(found(dir, "x.bin") == Paths{"lib/firmware/x.bin"});
    dir.write("lib/modules/6.1/modules.dep", "");
    CHECK(found(dir, "x.bin") == Paths{"lib/firmware/x.bin"});
    std::filesystem::remove_all(dir / "lib");
    std::filesystem::create_symlink("usr/lib", dir / "lib");
    CHECK(found(dir, "x.bin") == Paths{"lib/firmware/x.bin"});
}
