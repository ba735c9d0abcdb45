// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("a header of gzip that the kernel does not skip is told") {
    CHECK(refusal_of(compressed_gzip()).empty());
    std::string named = compressed_gzip(); // with its name, as gzip writes it
    named[3] = 8;
    named.insert(10, std::string("name\0", 5));
    CHECK(refusal_of(named).empty());
    CHECK(refusal_of(compressed_gzip_with(2)) == "it has a checksum of its header");
    CHECK(refusal_of(compressed_gzip_with(4)) == "it has an extra field");
    CHECK(refusal_of(compressed_gzip_with(16)) == "it has a comment");
}

TEST_CASE("a member of gzip whose checksum or length is wrong is corrupt") {
    const std::string whole = compressed_gzip();
    CHECK(decode(whole).bytes.size() == 512);
    CHECK(decode(whole).length == whole.size());
    for (const std::size_t behind : {std::size_t{8}, std::size_t{4}}) { // CRC32, length
        std::string wrong = whole;
        wrong[wrong.size() - behind] = static_cast<char>(wrong[wrong.size() - behind] ^ 1);
        CHECK_THAT(decode(wrong).error, Catch::Contains("f.img") && Catch::Contains("corrupt"));
    }
    CHECK(decode(whole + whole).length == whole.size()); // one member
}
