// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd/wrap/decompressor.hpp"
#include "newc_builder.hpp"
#include "packed_archives.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

struct Packed {
    const char* name;
    wrap::Format format;
    std::string bytes;
};

const Packed packed[] = {
    {"gzip", wrap::Format::Gzip, packed_gzip()},
    {"xz", wrap::Format::Xz, packed_xz()},
    {"zstd", wrap::Format::Zstd, packed_zstd()},
    {"lz4", wrap::Format::Lz4, packed_lz4()},
};

Result<std::size_t> unpack(const Packed& stream, std::string_view input, std::string& output) {
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        output.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    return wrap::decompress(stream.format, bytes_of(input), sink, {"f.img", 1000});
}

} // namespace

TEST_CASE("each stream is known by its first bytes and unpacks to the same archive") {
    for (const Packed& stream : packed) {
        INFO(stream.name);
        const auto encoding = wrap::recognize_encoding(bytes_of(stream.bytes));
        REQUIRE(encoding);
        CHECK(encoding->name == stream.name);
        CHECK(encoding->format == stream.format);
        std::string output;
        const auto length = unpack(stream, stream.bytes, output);
        REQUIRE(length);
        CHECK(*length == stream.bytes.size());
        CHECK(output.size() == 512);
        CHECK(output.find(hello_text) != std::string::npos);
    }
}

TEST_CASE("what stands behind a stream is left alone") {
    for (const Packed& stream : packed) {
        INFO(stream.name);
        std::string output;
        // lz4 has no end mark: the zero bytes between parts are its end, for the kernel too.
        const auto length = unpack(stream, stream.bytes + std::string(4, '\0') + "070701", output);
        REQUIRE(length);
        CHECK(*length == stream.bytes.size());
        CHECK(output.size() == 512);
    }
}

TEST_CASE("a stream that is cut off anywhere is an error that names the file") {
    for (const Packed& stream : packed)
        for (std::size_t cut = 8; cut < stream.bytes.size(); ++cut) {
            INFO(stream.name << " cut at " << cut);
            std::string output;
            const auto length = unpack(stream, stream.bytes.substr(0, cut), output);
            REQUIRE_FALSE(length);
            CHECK(length.error().first().object == "f.img");
            CHECK(length.error().first().text.find("at byte 1000") != std::string::npos);
        }
}

TEST_CASE("corrupt data is an error that names the byte") {
    for (const Packed& stream : packed) {
        if (stream.format == wrap::Format::Lz4) continue; // has no checksum
        INFO(stream.name);
        std::string broken = stream.bytes;
        broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
        std::string output;
        const auto length = unpack(stream, broken, output);
        REQUIRE_FALSE(length);
        CHECK(length.error().first().text.find("is corrupt near byte 1") != std::string::npos);
    }
}

TEST_CASE("an lz4 block longer than any can be is refused before memory is taken for it") {
    std::string output;
    const auto length = unpack(packed[3], from_hex("02214c18ffffff7f") + std::string(64, 'x'), output);
    REQUIRE_FALSE(length);
    CHECK(length.error().first().text.find("longer than any can be") != std::string::npos);
}

TEST_CASE("formats that are not unpacked here are known by name") {
    CHECK(wrap::recognize_encoding(bytes_of(packed_bzip2()))->name == "bzip2");
    CHECK(wrap::recognize_encoding(bytes_of(packed_lzma()))->name == "lzma");
    CHECK(wrap::recognize_encoding(bytes_of("\x89LZO"))->name == "lzo");
    const auto frame = wrap::recognize_encoding(bytes_of(packed_lz4_frame()));
    CHECK(frame->name == "lz4 frame");
    CHECK_FALSE(frame->format);
    CHECK(frame->hint.find("lz4 -l") != std::string_view::npos);
    CHECK_FALSE(wrap::recognize_encoding(bytes_of("\x7f"
                                                  "ELF")));
    CHECK_FALSE(wrap::recognize_encoding({}));
}

TEST_CASE("an error of the sink ends the unpacking and comes back as it is") {
    for (const Packed& stream : packed) {
        const auto sink = [](std::span<const std::byte>, std::size_t) -> Result<void> {
            return fail("me", "no");
        };
        const auto length = wrap::decompress(stream.format, bytes_of(stream.bytes), sink, {"f.img", 0});
        REQUIRE_FALSE(length);
        CHECK(length.error().first().object == "me");
    }
}
