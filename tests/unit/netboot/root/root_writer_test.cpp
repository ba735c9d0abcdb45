// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/root_writer.hpp"

#include <catch2/catch.hpp>

#include "unpack_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("what is in the way is replaced, full directories are not") {
    const test::UnpackRoot roots;
    roots.dir.write("root/file", "old");
    roots.dir.write("root/full/x", "old");
    std::filesystem::create_directories(roots.root() / "empty");
    REQUIRE(
        roots.unpack(test::TarBuilder().file("file", "new").file("empty", "now a file").directory("file2")));
    CHECK(roots.content("file") == "new");
    CHECK(roots.content("empty") == "now a file");
    REQUIRE(roots.unpack(test::TarBuilder().directory("file")));
    CHECK(std::filesystem::is_directory(roots.root() / "file"));
    CHECK(roots.code(test::TarBuilder().file("full", "x")) == "MPX-TAR-04");
    CHECK(roots.content("full/x") == "old");
}

TEST_CASE("a hard link to nothing is named, one to itself does no harm") {
    const test::UnpackRoot roots;
    const auto result = roots.unpack(test::TarBuilder().hardlink("a", "nothing"));
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "a");
    CHECK(result.error().first().text.starts_with("is a hard link to nothing, which does not exist"));
    CHECK(roots.unpack(test::TarBuilder().file("b", "x").hardlink("b", "b")));
    CHECK(roots.content("b") == "x");
}

TEST_CASE("unpacking ends with an error before the memory does") {
    const test::UnpackRoot roots;
    const auto failure = [&](const test::TarBuilder& tar) {
        const auto unpacked = unpack_tar(roots.dir.write("archive", tar.gzip()), roots.root(),
                                         {.free_memory = [] { return 0; }});
        return unpacked ? Problem{} : unpacked.error().first();
    };
    const auto large =
        failure(test::TarBuilder().file("small", "x").file("large", std::string(5 << 20, 'x')));
    CHECK(large.code == "MPX-TAR-03");
    CHECK(large.object == "large");
    CHECK(large.text.starts_with("cannot be unpacked: less than 12.6 MB of memory is left after "));
    // Without content each takes an inode and more.
    test::TarBuilder empty;
    empty.file("x", "").repeat(512, 4000);
    CHECK(failure(empty).code == "MPX-TAR-03");
    // tmpfs does not count them.
    test::TarBuilder attributes;
    for (int i = 0; i < 200; ++i)
        attributes.pax("SCHILY.xattr.trusted.x", std::string(60000, 'x')).file("x", "");
    CHECK(failure(attributes).code == "MPX-TAR-03");
    CHECK(failure(test::TarBuilder().file("small", "x")).text.empty());
}
