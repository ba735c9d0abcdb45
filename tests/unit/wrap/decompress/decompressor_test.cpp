// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

struct Compressed {
    const char* name;
    std::optional<wrap::Format> format;
    std::string bytes;
    bool has_checksum = true;
};

const Compressed compressed[] = {
    {"gzip", wrap::Format::Gzip, compressed_gzip()},
    {"xz", wrap::Format::Xz, compressed_xz()},
    {"zstd", wrap::Format::Zstd, compressed_zstd()},
    {"lz4", wrap::Format::Lz4, compressed_lz4(), false},
    {"bzip2", {}, compressed_bzip2()},
    {"lzma", {}, compressed_lzma(), false},
    {"lzma", {}, compressed_lzma().replace(1, 4, std::string("\0\x10\0\0", 4)), false}, // dictionary of 4 KiB
    {"lzo", {}, compressed_lzo()},
};

Result<std::size_t> unpack(const Compressed& stream, std::string_view input, std::string& output) {
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        output.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    return wrap::decompress(*wrap::recognize_encoding(bytes_of(stream.bytes)), bytes_of(input), sink,
                            {"f.img", 1000});
}

} // namespace

TEST_CASE("each stream is known by its first bytes and unpacks to the same archive") {
    for (const Compressed& stream : compressed) {
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

TEST_CASE("bytes after a stream are left alone") {
    for (const Compressed& stream : compressed) {
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
    for (const Compressed& stream : compressed)
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
    for (const Compressed& stream : compressed) {
        if (!stream.has_checksum) continue;
        INFO(stream.name);
        std::string broken = stream.bytes;
        broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
        std::string output;
        const auto length = unpack(stream, broken, output);
        REQUIRE_FALSE(length);
        CHECK(length.error().first().text.find("is corrupt near byte 1") != std::string::npos);
    }
}

TEST_CASE("formats that are not unpacked here are known by name") {
    const auto frame = wrap::recognize_encoding(bytes_of(compressed_lz4_frame()));
    CHECK(frame->name == "lz4 frame");
    CHECK_FALSE(frame->format);
    CHECK(frame->hint.find("lz4 -l") != std::string_view::npos);
    CHECK(wrap::recognize_encoding(bytes_of("\x50\x2a\x4d\x18"))->name == "skippable zstd frame");
    const auto sink = [](std::span<const std::byte>, std::size_t) -> Result<void> { return {}; };
    const auto unpacked = wrap::decompress(*frame, bytes_of(compressed_lz4_frame()), sink, {"f.img", 0});
    CHECK(unpacked.error().text() ==
          "f.img: lz4 frame data at byte 0 (the kernel reads the legacy frame only: lz4 -l)");
    CHECK_FALSE(wrap::recognize_encoding(bytes_of("\x7f"
                                                  "ELF")));
    CHECK_FALSE(wrap::recognize_encoding({}));
}

TEST_CASE("an error of the sink ends the unpacking and comes back as it is") {
    for (const Compressed& stream : compressed) {
        const auto sink = [](std::span<const std::byte>, std::size_t) -> Result<void> {
            return fail("me", "no");
        };
        const auto length = wrap::decompress(*wrap::recognize_encoding(bytes_of(stream.bytes)),
                                             bytes_of(stream.bytes), sink, {"f.img", 0});
        REQUIRE_FALSE(length);
        CHECK(length.error().first().object == "me");
    }
}
