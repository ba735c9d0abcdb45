// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/gzip_layers.hpp"

#include <catch2/catch.hpp>
#include <zlib.h>

#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

std::string gzip(std::string_view bytes) {
    const test::TempDir directory;
    const std::string file = (directory / "x.gz").string();
    gzFile out = gzopen(file.c_str(), "wb1");
    REQUIRE(gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size())) ==
            static_cast<int>(bytes.size()));
    REQUIRE(gzclose(out) == Z_OK);
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("a gzip file in a gzip file is compressed twice, anything else is not") {
    const test::TempDir directory;
    const auto twice = [&](std::string_view content) {
        return wrap::is_compressed_twice(directory.write("file", content)).value();
    };
    CHECK(twice(gzip(gzip("hello"))));
    CHECK_FALSE(twice(gzip("hello")));
    CHECK_FALSE(twice("hello"));
    CHECK_FALSE(twice(""));
    CHECK_FALSE(twice(gzip("")));
    CHECK_FALSE(twice(gzip("\x1f")));
    CHECK_FALSE(twice(std::string("\x1f\x8b", 2))); // a head without a body
    CHECK_FALSE(twice(gzip(gzip("hello")).substr(0, 12)));
    std::string damaged = gzip(gzip("hello"));
    damaged[10] = '\x07'; // a block of a type that does not exist
    CHECK_FALSE(twice(damaged));
}

TEST_CASE("a file that cannot be read is an error, not a plain file") {
    const test::TempDir directory;
    CHECK_FALSE(wrap::is_compressed_twice(directory / "none"));
    CHECK_FALSE(wrap::is_compressed_twice(directory.path()));
}
