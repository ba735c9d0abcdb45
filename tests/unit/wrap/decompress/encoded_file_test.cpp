// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("a file of several streams is unpacked whole, as its tool does it") {
    std::string output;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        output.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    for (const std::string& stream : {compressed_gzip(), compressed_xz(), compressed_zstd()}) {
        const auto encoding = wrap::recognize_encoding(bytes_of(stream));
        REQUIRE(encoding);
        INFO(encoding->name);
        output.clear();
        const std::string twice = stream + std::string(4, '\0') + stream + std::string(8, '\0');
        const auto whole = wrap::decompress_file(*encoding, bytes_of(twice), sink, "f");
        REQUIRE(whole);
        CHECK(whole->streams == 2);
        CHECK(output.size() == 1024);
        const auto junk = wrap::decompress_file(*encoding->format, bytes_of(stream + "junk"), sink, "f");
        REQUIRE_FALSE(junk);
        CHECK_FALSE(wrap::decompress_file(*encoding, {}, sink, "f"));
        CHECK(junk.error().first().text.find("has other data after the stream") == 0);
    }
    const auto marked = wrap::decompress_file(wrap::Format::Xz, bytes_of(compressed_xz_crc64()), sink, "f");
    REQUIRE(marked);
    CHECK(marked->demands.refused == "its check is CRC64, not CRC32");
    CHECK_FALSE(wrap::decompress_file(wrap::Format::None, bytes_of(compressed_xz()), sink, "f"));
}
