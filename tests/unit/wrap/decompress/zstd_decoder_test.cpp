// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "decoded.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("a window beyond what the kernel allows is refused, the largest is not") {
    // Magic, a descriptor without size or checksum, the window, and an empty last block.
    CHECK(decode(from_hex("28b52ffd0088010000")).error.empty()); // 128 MiB
    CHECK_THAT(decode(from_hex("28b52ffd0090010000")).error, Catch::Contains("too much memory"));
}

TEST_CASE("a frame of zstd with a wrong checksum is corrupt, and the next frame is left alone") {
    const std::string whole = compressed_zstd();
    CHECK(decode(whole + whole).length == whole.size());
    std::string wrong = whole;
    wrong.back() = static_cast<char>(wrong.back() ^ 1);
    CHECK_THAT(decode(wrong).error, Catch::Contains("corrupt") && Catch::Contains("checksum"));
}
