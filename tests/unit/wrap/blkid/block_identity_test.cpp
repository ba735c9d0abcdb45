// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/block_identity.hpp"

#include <catch2/catch.hpp>

#include "ext2_image.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

TEST_CASE("a file system is known by its superblock") {
    const test::TempDir dir;
    const auto identity =
        wrap::identify_block_device(dir.write("image", test::ext2_image("0123456789abcdef", "my label")))
            .value();
    CHECK(identity.type == "ext2");
    CHECK(identity.label == "my label");
    CHECK(identity.uuid == "30313233-3435-3637-3839-616263646566");
}

TEST_CASE("a live root in erofs is known by its superblock") {
    // fs/erofs/erofs_fs.h, struct erofs_super_block, at byte 1024: magic, checksum, features, block size as a
    // power of 2.
    std::string image(64 * 1024, '\0');
    image.replace(1024, 13, std::string("\xe2\xe1\xf5\xe0\0\0\0\0\0\0\0\0\x0c", 13));
    const test::TempDir dir;
    CHECK(wrap::identify_block_device(dir.write("image", image)).value().type == "erofs");
}

TEST_CASE("a file without one has no identity, a missing one is an error") {
    const test::TempDir dir;
    CHECK(wrap::identify_block_device(dir.write("zero", std::string(100000, '\0'))).value() ==
          wrap::BlockIdentity{});
    CHECK_FALSE(wrap::identify_block_device(dir / "missing"));
}
