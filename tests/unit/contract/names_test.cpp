// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/names.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace mkpxerd;

TEST_CASE("names of kernels only contain characters without a special meaning") {
    for (const char* good : {"6.1.0-56-amd64", "6.6.30-0-lts", "6.9.0+", "6.1.0-1~bpo12+1_x", "5"})
        CHECK(is_kernel_version(good));
    for (const std::string& bad :
         {std::string(), std::string("."), std::string(".."), std::string("6.1 x"), std::string("6.1\n"),
          std::string("6.1/.."), std::string("6.1;"), std::string("6.1\x1b"), std::string("6.1\xc3\xa4"),
          std::string("6.1\0x", 5), std::string("$(x)"), std::string("'"), std::string("${x}")})
        CHECK_FALSE(is_kernel_version(bad));
}

TEST_CASE("names of features are words that shells leave alone") {
    for (const char* good : {"base", "nfs", "raid-1", "x86_64", "gr\xC3\xBC\xC3\x9F", "a.b+c@d"})
        CHECK(is_feature_name(good));
    for (const char* bad : {"", ".hidden", "-x", "a b", "a\nb", "$(x)", "`x`", "a'b", "a/b", "a\\b",
                            "\x1b[2J", "a\xc2\x9b", "\xff", "a;b", "a*"})
        CHECK_FALSE(is_feature_name(bad));
}

TEST_CASE("a sum is 64 digits and nothing else") {
    const std::string sum(64, 'a');
    CHECK(is_sha256(sum));
    CHECK_FALSE(is_sha256(sum + "a"));
    CHECK_FALSE(is_sha256(sum.substr(1) + "\""));
}
