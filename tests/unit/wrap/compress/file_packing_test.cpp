// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/file_packing.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "samples.hpp"
#include "temp_dir.hpp"
#include "unpack.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

std::string pack(const Packing& packing, const std::string& plain) {
    const auto packed = FilePacker(packing, nullptr).pack(std::as_bytes(std::span(plain)));
    REQUIRE(packed);
    return *packed;
}

unsigned byte(const std::string& bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes.at(at));
}

} // namespace

TEST_CASE("a file packed by zstd is one frame with checksum and content size, which firmware needs") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300}, std::size_t{70'000}}) {
        INFO(size);
        const std::string plain = test::prose(size);
        const std::string packed = pack(packing_zstd, plain);
        CHECK(test::unpack_zstd(packed) == plain);
        const unsigned descriptor = byte(packed, 4); // RFC 8878 3.1.1.1.1
        CHECK((descriptor & 0x04U) != 0);            // checksum
        CHECK((descriptor & 0xe0U) != 0);            // content size
    }
    CHECK(pack(packing_zstd, test::prose(70'000)).size() < 40'000);
}

TEST_CASE("a file packed by xz has one CRC32, only LZMA2, and a dictionary no larger than the file needs") {
    const std::string plain = test::prose(70'000);
    for (const Packing& packing : {packing_xz, packing_fast_xz}) {
        const std::string packed = pack(packing, plain);
        CHECK(test::unpack_xz(packed) == plain);
        CHECK(packed.substr(0, 8) == std::string("\xfd\x37\x7a\x58\x5a\x00\x00\x01", 8)); // CRC32
        CHECK((byte(packed, 13) & 0x03U) == 0);                                           // one filter
        // Block header (xz-file-format.txt 3.1): size, flags, two sizes of variable length, filter, size of
        // its properties, properties: 2^17 is 10 as in LZMA2's dictionary sizes.
        std::size_t at = 14;
        for (unsigned sizes = 0; sizes < 2; ++sizes)
            while ((byte(packed, at++) & 0x80U) != 0) {
            }
        CHECK(byte(packed, at) == 0x21); // LZMA2
        CHECK(byte(packed, at + 1) == 1);
        CHECK(byte(packed, at + 2) == 10);
    }
}

TEST_CASE("what does not shrink is packed all the same, and comes back") {
    const std::string plain = test::noise(5000);
    CHECK(test::unpack_zstd(pack(packing_zstd, plain)) == plain);
    CHECK(test::unpack_xz(pack(packing_xz, plain)) == plain);
}

TEST_CASE("the bytes of a file do not depend on those that the same worker packed before") {
    FilePacker worker(packing_zstd, nullptr);
    for (unsigned i = 0; i < 5; ++i) {
        const std::string plain = test::prose(3000 * (5 - i));
        CHECK(worker.pack(std::as_bytes(std::span(plain))).value() == pack(packing_zstd, plain));
    }
}

TEST_CASE("files are packed once, and found in the cache by content, format and level") {
    const test::TempDir dir;
    const std::string plain = test::prose(20'000);
    for (unsigned round = 0; round < 2; ++round) {
        const auto cache = std::make_shared<ChunkCache>(dir / "cache");
        for (const Packing& packing : {packing_zstd, packing_xz, packing_fast_xz})
            CHECK(FilePacker(packing, cache).pack(std::as_bytes(std::span(plain))).value() ==
                  pack(packing, plain));
        CHECK(cache->hits() == round * 3);
        CHECK(cache->misses() == (1 - round) * 3);
    }
}
