// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/module_encoding.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("the compressions of modules are known by their first bytes, and no others") {
    const auto name = [](std::string_view bytes) {
        const auto encoding = wrap::recognize_module_encoding(bytes_of(bytes));
        return encoding ? encoding->name : "none";
    };
    CHECK(name(compressed_gzip()) == "gzip");
    CHECK(name(compressed_xz()) == "xz");
    CHECK(name(compressed_zstd()) == "zstd");
    CHECK(name(compressed_lz4()) == "none");
    CHECK(name("\x7f"
               "ELF") == "none");
    CHECK(name(compressed_xz().substr(0, 5)) == "none");
    CHECK(name("") == "none");
}
