// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd/wrap/sha256.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;

TEST_CASE("sha256 gives the published digests, and starts anew after finish") {
    wrap::Sha256 sha;
    CHECK(wrap::to_hex(sha.finish()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha.update(test::bytes_of("a"));
    sha.update(test::bytes_of("bc"));
    CHECK(wrap::to_hex(sha.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
