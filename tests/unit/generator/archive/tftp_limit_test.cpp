// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/tftp_limit.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

TEST_CASE("a file that TFTP may truncate gets a warning, by block size") {
    CHECK_FALSE(tftp_limit("x", 65535 * 512 - 1));
    const auto small = tftp_limit("boot/x", 65535 * 512);
    REQUIRE(small);
    CHECK(to_text(*small) ==
          "x: is larger than 32 MiB, which TFTP with blocks of 512 bytes may truncate (load "
          "it by HTTP, or keep it smaller: --max-size 31M)");
    CHECK(tftp_limit("x", 65535 * 1024 - 1)->text == small->text);
    CHECK(to_text(*tftp_limit("x", 65535 * 1024)) == "x: is larger than 64 MiB, which TFTP with blocks of "
                                                     "1024 bytes may truncate (load it by HTTP, or keep it "
                                                     "smaller: --max-size 63M)");
}
