// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive_check.hpp"

#include <catch2/catch.hpp>

#include "newc_builder.hpp"
#include "pack.hpp"
#include "packed_archives.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
using namespace mkpxerd::test;

namespace {

std::string error_of(std::string_view file) {
    const auto sound = check_archive(bytes_of(file), "x");
    return sound ? "" : sound.error().text();
}

std::string small() {
    return NewcBuilder().directory("etc").file("etc/a", "one").link("b", "etc/a").trailer().text();
}

std::string padded(std::string text) {
    while (text.size() % 4 != 0)
        text += '\0';
    return text;
}

} // namespace

TEST_CASE("archives that the kernel unpacks are sound, plain, compressed and one behind the other") {
    CHECK(error_of(small()).empty());
    CHECK(error_of(small() + std::string(512, '\0') + small()).empty());
    CHECK(error_of(small().substr(0, small().size() - 3)).empty()); // padding of the last trailer
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4})
        CHECK(error_of(packed(small(), format)).empty());
    CHECK(error_of(small() + padded(packed(small(), wrap::Format::Gzip)) + small()).empty());
    CHECK(error_of(packed(small() + small(), wrap::Format::Xz)).empty());
    // Names that more than one zero ends, so that contents lie at a block of the disk.
    const std::string name = std::string("a").append(999, '\0');
    CHECK(error_of(NewcBuilder().add({.name = name, .body = "hi"}).trailer().text()).empty());
}

TEST_CASE("rubbish behind a magic number is no archive") {
    CHECK(error_of("070701garbage") == "x: ends within the entry at byte 0 (it was cut off: make it again)");
    CHECK(error_of("070701" + std::string(200, 'g')) ==
          "x: the cpio header at byte 0 holds a field that is not hexadecimal (the kernel reads newc: cpio "
          "-H newc)");
    CHECK(error_of("070707" + std::string(200, '0')).find("old portable format") != std::string::npos);
    CHECK(error_of("\x1f\x8b").find("gzip stream at byte 0 has no end") != std::string::npos);
    CHECK(error_of("text").find("x: is not an archive that the kernel unpacks") == 0);
    CHECK(error_of("").find("x: holds no archive") == 0);
    CHECK(error_of(std::string(8, '\0')).find("x: holds no archive") == 0);
    CHECK(error_of(small() + "junk") == "x: holds neither an archive nor compressed data at byte " +
                                            std::to_string(small().size()) +
                                            " (a cpio archive of the form newc, plain or compressed)");
}

TEST_CASE("an archive cut off at any byte is refused") {
    const std::string whole = small();
    for (std::size_t length = 0; length + 4 < whole.size(); ++length)
        CHECK_FALSE(error_of(std::string_view(whole).substr(0, length)).empty());
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd}) {
        const std::string image = packed(whole, format);
        for (std::size_t length = 0; length < image.size(); ++length)
            CHECK_FALSE(error_of(std::string_view(image).substr(0, length)).empty());
    }
    CHECK(error_of(NewcBuilder().file("a", "b").text()).find("x: has no TRAILER!!! up to byte ") == 0);
}

TEST_CASE("what is compressed has to be an archive") {
    CHECK(error_of(packed("hello world", wrap::Format::Gzip)) ==
          "x: no cpio header at byte 0 of the unpacked gzip stream at byte 0 "
          "(what is compressed must be a cpio "
          "archive of the form newc)");
    CHECK(error_of(packed(small().substr(0, 130), wrap::Format::Zstd))
              .find("of the unpacked zstd stream at byte 0") != std::string::npos);
    CHECK(error_of(packed("", wrap::Format::Gzip)).find("x: has no TRAILER!!!") == 0);
    CHECK(error_of(packed_bzip2()).find("x: bzip2 data at byte 0 cannot be checked (gzip,") == 0);
}

TEST_CASE("an archive that does not start at a multiple of four is not found by the kernel") {
    CHECK(error_of(small() + std::string(2, '\0') + small()).find("does not start at a multiple of 4") !=
          std::string::npos);
}
