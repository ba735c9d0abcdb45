// SPDX-License-Identifier: MIT
#include "mkpxerd/image/compressed_files.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "compressed_archives.hpp"
#include "image_file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("the plain path of a compressed module or firmware lacks the suffix, and other paths have it") {
    CHECK(plain_path("lib/modules/6.1/kernel/fs/nfs/nfs.ko.zst") == "lib/modules/6.1/kernel/fs/nfs/nfs.ko");
    CHECK(plain_path("lib/modules/6.1/x.ko.gz") == "lib/modules/6.1/x.ko");
    CHECK(plain_path("usr/lib/firmware/a/b.bin.xz") == "usr/lib/firmware/a/b.bin");
    CHECK(plain_path("lib/firmware/b.gz") == "lib/firmware/b.gz"); // the kernel looks for no such name
    CHECK(plain_path("srv/data.xz") == "srv/data.xz");
    CHECK_FALSE(is_compressed_file("lib/modules/6.1/x.ko"));
    CHECK(is_compressed_file("lib/modules/6.1/x.ko.xz"));
}

TEST_CASE("compressed modules and firmware have their plain sizes, whatever the files say of them") {
    // One that does not state its size, one that does, one that is damaged.
    const std::string stream = compressed_xz() + compressed_xz();
    NewcBuilder b;
    b.file("lib/modules/6.1/a.ko.xz", stream).file("lib/modules/6.1/b.ko.zst", compressed_zstd());
    b.file("lib/modules/6.1/c.ko.xz", compressed_xz().substr(0, 90)).file("lib/modules/6.1/d.ko", "plain");
    b.file("lib/firmware/e.bin.xz", compressed_xz_crc64()).file("srv/f.xz", compressed_xz()).trailer();
    const TempDir dir;
    const Image image = open_image(dir, "x.img", b);
    const auto sizes = plain_sizes(image);
    REQUIRE(sizes);
    CHECK(*sizes == std::map<std::size_t, std::uint64_t>{{0, 1024}, {1, 512}, {4, 512}});
}

TEST_CASE("the plain content is found by the plain path") {
    const std::string module(100'000, 'm');
    NewcBuilder b;
    for (const char* directory : {"lib", "lib/modules", "lib/modules/6.1"})
        b.directory(directory);
    b.file("lib/modules/6.1/a.ko.gz", compressed(module, wrap::Format::Gzip));
    b.file("lib/modules/6.1/b.ko", module)
        .file("lib/modules/6.1/c.ko.xz", compressed_xz().substr(0, 90))
        .trailer();
    const TempDir dir;
    const Image image = open_image(dir, "x.img", b);
    const EffectiveView view(image.entries());
    const auto content = [&](std::size_t entry) {
        std::string text;
        const auto read = read_plain(image, entry, [&](std::span<const std::byte> piece) -> Result<void> {
            text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        });
        return read ? text : read.error().text();
    };
    const auto* node = find_compressed(view, "lib/modules/6.1/a.ko");
    REQUIRE(node != nullptr);
    CHECK(content(node->content) == module);
    CHECK(find_compressed(view, "lib/modules/6.1/b.ko") == nullptr);
    CHECK(find_compressed(view, "lib/modules/6.1/a.ko.gz") == nullptr);
    CHECK(content(view.find("lib/modules/6.1/b.ko")->content) == module);
    CHECK(content(view.find("lib/modules/6.1/c.ko.xz")->content) ==
          "lib/modules/6.1/c.ko.xz: the xz stream at byte 0 has no end: the file stops at byte 90");
}
