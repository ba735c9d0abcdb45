// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/archive_check.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "compressed_archives.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
using namespace mkpxerd::test;

namespace {

std::string error_of(std::string_view file, const std::optional<std::string>& config = std::nullopt) {
    const auto sound = check_archive(bytes_of(file), "x", config);
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
        CHECK(error_of(compressed(small(), format)).empty());
    CHECK(error_of(small() + padded(compressed(small(), wrap::Format::Gzip)) + small()).empty());
    CHECK(error_of(compressed(small() + small(), wrap::Format::Xz)).empty());
    // Names that more than one zero ends, so that contents lie at a block of the disk.
    const std::string name = std::string("a").append(999, '\0');
    CHECK(error_of(NewcBuilder().add({.name = name, .body = "hi"}).trailer().text()).empty());
}

TEST_CASE("rubbish behind a magic number is no archive") {
    CHECK(error_of("070701garbage") ==
          "x: ends within the entry at byte 0 (it was truncated: create it again)");
    CHECK(error_of("070701" + std::string(200, 'g')) ==
          "x: the cpio header at byte 0 has a field that is not hexadecimal (the kernel reads newc: cpio "
          "-H newc)");
    CHECK(error_of("070707" + std::string(200, '0')).find("old portable format") != std::string::npos);
    CHECK(error_of("\x1f\x8b").find("gzip stream at byte 0 has no end") != std::string::npos);
    CHECK(error_of("text").find("x: is not an archive that the kernel unpacks") == 0);
    CHECK(error_of("").find("x: contains no archive") == 0);
    CHECK(error_of(std::string(8, '\0')).find("x: contains no archive") == 0);
    CHECK(error_of(small() + "junk") ==
          "x: has neither an archive nor compressed data at byte " + std::to_string(small().size()) +
              " (it must be a cpio archive in newc format, plain or compressed)");
}

TEST_CASE("an archive cut off at any byte is refused") {
    const std::string whole = small();
    for (std::size_t length = 0; length + 4 < whole.size(); ++length)
        CHECK_FALSE(error_of(std::string_view(whole).substr(0, length)).empty());
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd}) {
        const std::string image = compressed(whole, format);
        for (std::size_t length = 0; length < image.size(); ++length)
            CHECK_FALSE(error_of(std::string_view(image).substr(0, length)).empty());
    }
    CHECK(error_of(NewcBuilder().file("a", "b").text()).find("x: has no TRAILER!!! up to byte ") == 0);
}

TEST_CASE("what is compressed has to be an archive") {
    CHECK(error_of(compressed("hello world", wrap::Format::Gzip)) ==
          "x: no cpio header at byte 0 of the unpacked gzip stream at byte 0 "
          "(compressed data must be a cpio archive in newc format)");
    CHECK(error_of(compressed(small().substr(0, 130), wrap::Format::Zstd))
              .find("of the unpacked zstd stream at byte 0") != std::string::npos);
    CHECK(error_of(compressed("", wrap::Format::Gzip)).find("x: has no TRAILER!!!") == 0);
    CHECK(error_of(compressed_lz4_frame()).find("x: lz4 frame data at byte 0 (the kernel reads") == 0);
}

TEST_CASE("an archive that does not start at a multiple of four is not found by the kernel") {
    CHECK(error_of(small() + std::string(2, '\0') + small()).find("does not start at a multiple of 4") !=
          std::string::npos);
}

TEST_CASE("a stream that the tools unpack and the kernel does not is refused") {
    const std::string start = "x: the kernel does not unpack the ";
    CHECK(error_of(compressed_xz_crc64()) ==
          start + "xz stream at byte 0: its check is CRC64, not CRC32 (compress it "
                  "again: xz --check=crc32)");
    CHECK(error_of(compressed_xz_sha256()).find("its check is SHA-256") != std::string::npos);
    CHECK(error_of(compressed_xz_delta()).find(start + "xz stream at byte 0: it uses filters") == 0);
    for (const char flag : {2, 4, 16}) {
        const std::string error = error_of(small() + padded(compressed_gzip_with(flag)));
        CHECK(error.find(start + "gzip stream at byte " + std::to_string(small().size())) == 0);
        CHECK(error.find("(compress it again: gzip -n)") != std::string::npos);
    }
    for (const std::string& sound :
         {compressed_bzip2(), compressed_lzma(), compressed_lzo(), compressed_gzip(), compressed_xz()})
        CHECK(error_of(sound).empty());
}

TEST_CASE("the kernel's configuration says which compressions and filters it unpacks") {
    const std::string config = "CONFIG_RD_XZ=y\nCONFIG_XZ_DEC_ARM=y\n# CONFIG_XZ_DEC_X86 is not set\n";
    CHECK(error_of(compressed_xz(), config).empty());
    CHECK(error_of(compressed_xz_arm(), config).empty());
    CHECK(error_of(compressed_xz_x86(), config).find("it was built without CONFIG_XZ_DEC_X86") !=
          std::string::npos);
    CHECK(error_of(compressed_bzip2(), config)
              .find("x: the kernel does not unpack the bzip2 stream at byte 0: it "
                    "was built without CONFIG_RD_BZIP2") == 0);
    CHECK(error_of(small(), config).empty());
#if defined(__x86_64__)
    CHECK(error_of(compressed_xz_x86()).empty());
    CHECK(error_of(compressed_xz_arm()).find("it is compressed for another architecture") !=
          std::string::npos);
#endif
}
