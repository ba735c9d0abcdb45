// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("what the kernel's lzo decoder leaves out is told") {
    CHECK(refusal_of(compressed_lzo()).empty());
    std::string without = compressed_lzo(); // lzop -F
    without[20] = static_cast<char>(without[20] & ~1);
    CHECK(refusal_of(without) == "it has other checksums than the usual one");
    CHECK(refusal_of(compressed_lzo().substr(0, 20)).empty());
}

TEST_CASE("a block of lzo that is too long, has a wrong checksum or a filter is refused") {
    const std::string whole = compressed_lzo();
    CHECK(decode(whole).error.empty());
    std::string filtered = whole;
    filtered[19] = static_cast<char>(filtered[19] | 0x08);
    CHECK_THAT(decode(filtered).error, Catch::Contains("it uses a filter or field that is not known"));
    // magic 9, versions 6, method 1, level 1, flags 4, mode and times 12, length of the name
    const std::size_t block = 33 + 1 + static_cast<unsigned char>(whole[33]) + 4;
    std::string checksum = whole;
    checksum[block + 8] = static_cast<char>(checksum[block + 8] ^ 1);
    CHECK_THAT(decode(checksum).error, Catch::Contains("bad checksum"));
    std::string large = whole;
    large[block] = '\x7f';
    CHECK_THAT(decode(large).error, Catch::Contains("longer than the format allows"));
}
