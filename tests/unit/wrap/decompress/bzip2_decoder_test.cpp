// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("what the kernel's bzip2 decoder leaves out is told") {
    CHECK(refusal_of(compressed_bzip2()).empty());
    std::string randomised = compressed_bzip2();
    randomised[14] = static_cast<char>(randomised[14] | 0x80);
    CHECK(refusal_of(randomised) == "its blocks are randomised, as by very old versions of bzip2");
    CHECK(refusal_of(randomised.substr(0, 14)).empty());
}

TEST_CASE("a stream of bzip2 with a wrong checksum is corrupt, and what follows it is left alone") {
    const std::string whole = compressed_bzip2();
    CHECK(decode(whole + "more").length == whole.size());
    std::string wrong = whole;
    wrong[10] = static_cast<char>(wrong[10] ^ 1); // of the first block
    CHECK_THAT(decode(wrong).error, Catch::Contains("corrupt") && Catch::Contains("bad data"));
}
