// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("an lz4 block longer than the format allows is refused before memory is taken for it") {
    CHECK_THAT(decode(from_hex("02214c18ffffff7f") + std::string(64, 'x')).error,
               Catch::Contains("longer than the format allows"));
}

TEST_CASE("frames of lz4 may be joined, and a length of zero or the end of the file ends them") {
    const std::string whole = compressed_lz4();
    const Decoded one = decode(whole);
    CHECK(one.bytes.size() == 512);
    CHECK(decode(whole + whole).bytes == one.bytes + one.bytes);
    const Decoded padded = decode(whole + std::string(6, '\0'));
    CHECK(padded.length == whole.size());
    CHECK(padded.bytes == one.bytes);
    CHECK(decode(whole + std::string(2, '\0')).length == whole.size());
    CHECK_FALSE(decode(whole + "x").error.empty());
}

TEST_CASE("a block of lz4 that is cut or damaged is an error") {
    const std::string whole = compressed_lz4();
    CHECK_FALSE(decode(whole.substr(0, whole.size() - 1)).error.empty());
    std::string wrong = whole;
    wrong[8] = '\xff'; // of its first token
    CHECK_THAT(decode(wrong).error, Catch::Contains("bad block"));
}
