// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("what the kernel's xz decoder leaves out is told") {
    CHECK(refusal_of(compressed_xz()).empty());
    CHECK(refusal_of(compressed_xz_crc64()) == "its check is CRC64, not CRC32");
    CHECK(refusal_of(compressed_xz_sha256()) == "its check is SHA-256, not CRC32");
    const std::string filters = "it uses filters other than LZMA2 after one BCJ filter";
    CHECK(refusal_of(compressed_xz_delta()) == filters);
    CHECK(refusal_of(compressed_xz_start()) == filters); // the filter of x86, but not from the first byte on
    const auto x86 = demands_of(compressed_xz_x86());
    CHECK(x86.refused.empty());
    CHECK(x86.options == std::set<std::string_view>{"CONFIG_XZ_DEC_X86"});
    CHECK(demands_of(compressed_xz_arm()).options == std::set<std::string_view>{"CONFIG_XZ_DEC_ARM"});
    CHECK(demands_of(compressed_xz()).options.empty());
}

TEST_CASE("a dictionary larger than the kernel allows is refused, in the older format too") {
    std::string large = compressed_lzma();
    large.replace(1, 4, std::string("\0\0\0\x10", 4)); // 256 MiB
    CHECK_THAT(decode(large).error, Catch::Contains("its dictionary is larger than 128 MiB"));
    large.replace(1, 4, std::string("\0\0\0\x08", 4));
    CHECK(decode(large).error.empty());
}

TEST_CASE("a stream of xz with a wrong check, or an unknown filter, is corrupt") {
    const std::string whole = compressed_xz();
    CHECK(decode(whole).length == whole.size());
    for (std::size_t place = 12; place < whole.size(); ++place) {
        std::string wrong = whole;
        wrong[place] = static_cast<char>(wrong[place] ^ 0x10);
        CHECK_FALSE(decode(wrong).error.empty());
    }
}

TEST_CASE("demands of a damaged stream are few, and reading them ends") {
    const std::string whole = compressed_xz_x86();
    for (std::size_t place = 6; place < whole.size(); ++place)
        for (const char change : {'\xff', '\x01'}) {
            std::string wrong = whole;
            wrong[place] = static_cast<char>(wrong[place] ^ change);
            CHECK(demands_of(wrong).options.size() <= 3);
            CHECK(demands_of(whole.substr(0, place)).options.empty());
        }
}
