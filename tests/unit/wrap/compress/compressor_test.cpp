// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/compressor.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "samples.hpp"
#include "temp_dir.hpp"
#include "unpack.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
const std::vector<Format> compressing = {Format::Gzip, Format::Xz, Format::Zstd, Format::Lz4};

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// The whole output; input goes in in pieces of at most cut bytes (0: at once).
Result<std::string> pack(const CompressorOptions& options, const std::string& input, std::size_t cut = 0) {
    std::string output;
    MKPXERD_TRY_ASSIGN(auto compressor,
                       make_compressor(options, [&](std::span<const std::byte> bytes) -> Result<void> {
                           output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                           return {};
                       }));
    const std::size_t step = cut == 0 ? std::max<std::size_t>(input.size(), 1) : cut;
    for (std::size_t at = 0; at < input.size(); at += step)
        MKPXERD_TRY(compressor->write(bytes_of(std::string_view(input).substr(at, step))));
    MKPXERD_TRY(compressor->finish());
    return output;
}

std::optional<std::string> unpack(Format format, const std::string& compressed) {
    switch (format) {
    case Format::None:
        return compressed;
    case Format::Gzip:
        return test::unpack_gzip(compressed);
    case Format::Xz:
        return test::unpack_xz(compressed);
    case Format::Zstd:
        return test::unpack_zstd(compressed);
    case Format::Lz4:
        return test::unpack_lz4(compressed);
    }
    return std::nullopt;
}

int fast_level(Format format) {
    return level_range(format).lowest;
}

// A chunk of the format: what one worker compresses.
std::size_t chunk_bytes(Format format) {
    switch (format) {
    case Format::Gzip:
        return mib;
    case Format::Lz4:
        return 8 * mib;
    case Format::Xz:
        return 16 * mib;
    case Format::Zstd: // at the fastest level
        return 2 * mib;
    case Format::None:
        break;
    }
    return 1000;
}

// Catch2 would print megabytes of a mismatch.
bool round_trips(const CompressorOptions& options, const std::string& input) {
    const auto compressed = pack(options, input);
    return compressed && unpack(options.format, *compressed) == input;
}

// One frame with a checksum and a window of at most 8 MiB.
void check_frame(const std::string& compressed) {
    REQUIRE(compressed.substr(0, 4) == "\x28\xb5\x2f\xfd");
    const auto descriptor = static_cast<unsigned char>(compressed[4]); // RFC 8878 3.1.1.1.1
    const auto window = static_cast<unsigned char>(compressed[5]);
    CHECK((descriptor & 0x04U) != 0); // content checksum
    CHECK((descriptor & 0xe0U) == 0); // window given, size of the content not
    CHECK((window >> 3U) <= 13);      // 2^(10 + 13)
}

} // namespace

TEST_CASE("formats have names, and names have formats") {
    for (const auto* name : {"none", "gzip", "xz", "zstd", "lz4"}) {
        REQUIRE(parse_format(name));
        CHECK(format_name(*parse_format(name)) == name);
    }
    CHECK_FALSE(parse_format("bzip2"));
    CHECK_FALSE(parse_format("GZIP"));
    CHECK_FALSE(parse_format(""));
}

TEST_CASE("a level outside the scale is an error that names the format and its range") {
    for (const Format format : compressing) {
        const auto [lowest, highest, standard] = level_range(format);
        CHECK((lowest <= standard && standard <= highest));
        for (const int level : {lowest - 1, highest + 1, -100, 1000}) {
            const auto compressed = pack({format, level}, "x");
            REQUIRE_FALSE(compressed);
            CHECK(compressed.error().text() == std::string(format_name(format)) + ": compression level " +
                                                   std::to_string(level) + " is outside " +
                                                   std::to_string(lowest) + " to " + std::to_string(highest));
        }
    }
    CHECK(pack({Format::None, 1}, "x").error().text() == "none: has no compression level");
}

TEST_CASE("every level is accepted, and what it writes comes back as it went in") {
    const std::string input = test::prose(100'000) + test::noise(50'000);
    for (const Format format : compressing)
        for (int level = level_range(format).lowest; level <= level_range(format).highest; ++level) {
            INFO(format_name(format) << " level " << level);
            CHECK(make_compressor({format, level, 2}, [](auto) { return Result<void>(); }));
            // The high levels of zstd clear up to 400 MB of tables: one before the window is limited, one
            // behind.
            if (format == Format::Zstd && level > 9 && level != 19 && level != 20) continue;
            const auto compressed = pack({format, level, 2}, input);
            REQUIRE(compressed);
            CHECK((unpack(format, *compressed) == input)); // fails when anything follows the first frame
            if (format == Format::Zstd) check_frame(*compressed);
        }
    CHECK(round_trips({Format::None, {}, 2}, input));
}

TEST_CASE("nothing, one byte, and noise come back as they went in") {
    const std::string noise = test::noise(mib + mib / 4);
    for (const Format format : {Format::None, Format::Gzip, Format::Xz, Format::Zstd, Format::Lz4}) {
        INFO(format_name(format));
        for (const std::string& input : {std::string(), std::string(1, '\0'), std::string("x")})
            CHECK(round_trips({format, {}, 2}, input));
        const auto level = format == Format::None ? std::optional<int>() : fast_level(format);
        CHECK(round_trips({format, level, 2}, noise));
    }
}

TEST_CASE("sizes around the borders of chunks come back as they went in") {
    const std::string input = test::long_prose(16 * mib + 1);
    struct Border {
        Format format;
        std::size_t at;
    };
    for (const auto& [format, at] :
         {Border{Format::Gzip, mib}, Border{Format::Gzip, 2 * mib}, Border{Format::Lz4, 8 * mib},
          Border{Format::Zstd, mib / 8}, Border{Format::Zstd, 2 * mib}, Border{Format::Xz, 16 * mib}})
        for (const std::size_t size : {at - 1, at, at + 1}) {
            INFO(format_name(format) << " of " << size << " bytes");
            CHECK(round_trips({format, fast_level(format), 2}, input.substr(0, size)));
        }
}

TEST_CASE("the bytes do not depend on threads or on how the input is cut") {
    for (const Format format : compressing) {
        const int level = fast_level(format);
        const std::string input = test::long_prose(chunk_bytes(format)) + test::noise(mib / 4) +
                                  test::long_prose(chunk_bytes(format) / 2 + 12345, 2);
        const auto first = pack({format, level, 1}, input);
        REQUIRE(first);
        CHECK(first->size() < input.size());
        for (const auto& [threads, cut] :
             {std::pair{0U, std::size_t{4099}}, {2U, mib}, {5U, input.size() / 2}, {5U, input.size()}}) {
            INFO(format_name(format) << " with " << threads << " threads, cut every " << cut);
            const auto again = pack({format, level, threads}, input, cut);
            REQUIRE(again);
            CHECK((*again == *first));
        }
        const std::string little = input.substr(0, 3000);
        CHECK((*pack({format, {}, 2}, little, 1) == *pack({format, {}, 1}, little)));
    }
}

TEST_CASE("a file comes out as its bytes do, wherever it begins and ends") {
    const test::TempDir dir;
    const std::string before = test::noise(mib - 5);
    auto formats = compressing;
    formats.push_back(Format::None);
    for (const Format format : formats) {
        INFO(format_name(format));
        const std::string content = test::long_prose(chunk_bytes(format) + 777);
        const auto file = dir.write("file", content);
        const auto level = format == Format::None ? std::optional<int>() : fast_level(format);
        std::string output;
        auto compressor = make_compressor({format, level, 2}, [&](std::span<const std::byte> bytes) {
            output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return Result<void>();
        });
        REQUIRE(compressor);
        REQUIRE((*compressor)->write(bytes_of(before)));
        REQUIRE((*compressor)->write_file(file, content.size()));
        REQUIRE((*compressor)->write(bytes_of("behind")));
        REQUIRE((*compressor)->write_file(dir.write("empty", ""), 0));
        REQUIRE((*compressor)->finish());
        CHECK((output == pack({format, level, 1}, before + content + "behind").value()));
    }
}

TEST_CASE("a file that another takes the place of goes in whole") {
    const test::TempDir dir;
    for (const Format format : {Format::Gzip, Format::Lz4}) {
        const std::string content = test::long_prose(3 * chunk_bytes(format)); // one thread has two chunks
        const auto file = dir.write("file", content);
        std::string output;
        auto compressor = make_compressor({format, fast_level(format), 1}, [&](auto bytes) {
            if (output.empty()) // while most of it is still to be read
                std::filesystem::rename(dir.write("new", std::string(content.size(), 'n')), file);
            output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return Result<void>();
        });
        REQUIRE((*compressor)->write_file(file, content.size()));
        REQUIRE((*compressor)->finish());
        INFO(format_name(format));
        CHECK((unpack(format, output) == content));
    }
}

TEST_CASE("a file that is gone, or has other bytes than it had, is an error that names it") {
    const test::TempDir dir;
    const std::string content = test::long_prose(mib + mib / 4); // more than a chunk of gzip
    const auto file = dir.write("file", content);
    auto formats = compressing;
    formats.push_back(Format::None);
    for (const Format format : formats) {
        const auto level = format == Format::None ? std::optional<int>() : fast_level(format);
        const auto error_of = [&](const std::filesystem::path& path, std::uint64_t size) {
            auto compressor = make_compressor({format, level, 2}, [](auto) { return Result<void>(); });
            auto written = (*compressor)->write_file(path, size);
            if (written) written = (*compressor)->finish();
            CHECK_FALSE((*compressor)->write(bytes_of("more")));
            return written ? "none" : written.error().text();
        };
        INFO(format_name(format));
        const std::string changed = file.string() + ": changed while it was read (run mkpxerd again)";
        CHECK(error_of(file, content.size() + 1) == changed);
        CHECK(error_of(file, content.size() - 1) == changed);
        CHECK(error_of(dir / "missing", 5).find((dir / "missing").string() + ": cannot open") == 0);
        CHECK(error_of(dir.path(), 5) == dir.path().string() + ": cannot read: Is a directory");
    }
}

TEST_CASE("a file of a tree that becomes a link between look and read leads no further than the tree") {
    const test::TempDir dir;
    const std::string secret(5, 's');
    dir.write("secret", secret);
    std::filesystem::create_directory(dir / "tree");
    std::filesystem::create_symlink(dir / "secret", dir / "tree/file");
    std::filesystem::create_directory_symlink(dir.path(), dir / "tree/directory");
    auto formats = compressing;
    formats.push_back(Format::None);
    for (const Format format : formats)
        for (const char* path : {"file", "directory/secret"}) {
            INFO(format_name(format));
            const auto level = format == Format::None ? std::optional<int>() : fast_level(format);
            auto compressor = make_compressor({format, level, 2}, [](auto) { return Result<void>(); });
            auto written = (*compressor)->write_file(TreePath(dir / "tree", path), secret.size());
            if (written) written = (*compressor)->finish();
            REQUIRE_FALSE(written);
            CHECK(written.error().text().find("cannot open: No such file") != std::string::npos);
        }
}

TEST_CASE("input that ends with a job of libzstd has the same bytes every time") {
    // A job that is just full when the stream ends may or may not wait in a queue: see zstd_compressor.cpp.
    const std::string input = test::long_prose(8 * mib);
    const auto first = pack({Format::Zstd, 1, 1}, input);
    for (unsigned i = 0; i < 6; ++i)
        CHECK((*pack({Format::Zstd, 1, 1 + i % 3}, input, i % 2 == 0 ? 0 : 1000000) == *first));
}

TEST_CASE("gzip is one member with nothing of the machine in its header") {
    const auto compressed = pack({Format::Gzip, {}, 3}, test::long_prose(2 * mib));
    CHECK(compressed->substr(0, 10) == std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10));
    CHECK(test::unpack_gzip(*compressed)); // fails when anything follows the first member
    CHECK(pack({}, "")->size() == 10 + 2 + 8);
}

TEST_CASE("xz uses CRC32, the only check that every kernel knows, and LZMA2 alone") {
    const auto compressed = pack({Format::Xz, 0, 2}, test::prose(100000));
    CHECK(compressed->substr(0, 8) == std::string("\xfd"
                                                  "7zXZ\0\0\x01",
                                                  8)); // stream flags: check 1
    CHECK(((*compressed)[13] & 0x03) == 0);            // block flags: one filter
    const auto sizes =
        static_cast<unsigned char>((*compressed)[13]) >> 6; // both sizes are given by the workers
    CHECK(sizes == 3);
}

TEST_CASE("a sink's error comes back, and the sink is left alone from then on") {
    const std::string piece = test::noise(mib);
    for (const Format format : {Format::None, Format::Gzip, Format::Xz, Format::Zstd, Format::Lz4}) {
        unsigned calls = 0;
        const auto level = format == Format::None ? std::optional<int>() : fast_level(format);
        auto compressor =
            make_compressor({format, level, 2}, [&](std::span<const std::byte>) -> Result<void> {
                ++calls;
                return fail("pxerd", "no space left on device");
            });
        REQUIRE(compressor);
        std::size_t written = 0;
        Result<void> result;
        while (result && written < 200 * mib) {
            result = (*compressor)->write(bytes_of(piece));
            written += piece.size();
        }
        INFO(format_name(format));
        REQUIRE_FALSE(result);
        CHECK(result.error().text() == "pxerd: no space left on device");
        CHECK(written <= 64 * mib); // it does not go on without bounds
        CHECK(calls == 1);
        CHECK((*compressor)->write(bytes_of(piece)).error().text() == "pxerd: no space left on device");
        CHECK((*compressor)->finish().error().text() == "pxerd: no space left on device");
        CHECK(calls == 1);
    }
}

TEST_CASE("a compressor that is given up in the middle ends its threads") {
    const std::string input = test::long_prose(2 * mib + mib / 2);
    for (const Format format : compressing) {
        auto compressor = make_compressor({format, fast_level(format), 3},
                                          [](std::span<const std::byte>) -> Result<void> { return {}; });
        REQUIRE((*compressor)->write(bytes_of(input)));
    }
}

TEST_CASE("the real tools read what is written") {
    const test::TempDir dir;
    const std::string input = test::long_prose(2 * mib) + test::noise(mib / 4);
    dir.write("plain", input);
    struct Tool {
        Format format;
        std::string name;
        std::string command; // of the compressed file, to standard output
    };
    for (const auto& [format, name, command] :
         {Tool{Format::Gzip, "gzip", "gzip -t < compressed && zcat < compressed"},
          Tool{Format::Xz, "xz", "xz -dc < compressed"},
          Tool{Format::Zstd, "zstd", "zstd -q -dc < compressed"},
          Tool{Format::Lz4, "lz4", "lz4 -q -dc < compressed"}}) {
        if (std::system(("command -v " + name + " > /dev/null").c_str()) != 0) {
            WARN(name << " is not installed: its format is read by its library only");
            continue;
        }
        dir.write("compressed", *pack({format, fast_level(format), 2}, input));
        INFO(name);
        CHECK(std::system(
                  ("cd '" + dir.path().string() + "' && { " + command + "; } | cmp - plain").c_str()) == 0);
    }
}

TEST_CASE("bytes that are packed already go unchanged into the one stream of every format") {
    const std::string text = test::prose(3000);
    const std::string packed = test::noise(200'000);
    std::map<Format, std::string> outputs;
    for (const Format format : compressing) {
        INFO(format_name(format));
        for (const unsigned threads : {1U, 3U}) {
            std::string output;
            auto compressor = make_compressor(
                {format, fast_level(format), threads}, [&](std::span<const std::byte> bytes) -> Result<void> {
                    output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                    return {};
                });
            REQUIRE(compressor);
            for (unsigned i = 0; i < 3; ++i) {
                (*compressor)->set_packed(false);
                REQUIRE((*compressor)->write(bytes_of(text)));
                (*compressor)->set_packed(true);
                REQUIRE((*compressor)->write(bytes_of(packed)));
            }
            REQUIRE((*compressor)->finish());
            std::string whole = text + packed;
            whole += whole + whole;
            CHECK((unpack(format, output) == whole)); // Catch2 would print it
            if (threads == 1)
                outputs[format] = output;
            else
                CHECK((outputs[format] == output));
        }
    }
    // Stored blocks (RFC 1951 3.2.4) of 65535 bytes, so that the decoder copies.
    const std::string& gzip = outputs.at(Format::Gzip);
    CHECK(gzip.find(std::string("\0\xff\xff\0\0", 5) + packed.substr(0, 65535)) != std::string::npos);
    const std::size_t rest = packed.size() % 65535;
    CHECK(gzip.find(packed.substr(packed.size() - rest)) != std::string::npos);
}

TEST_CASE("packed bytes are not kept in the cache, which would not be faster than to store them") {
    const test::TempDir dir;
    const auto cache = std::make_shared<ChunkCache>(dir / "cache");
    auto compressor = make_compressor({Format::Gzip, 1, 1, cache},
                                      [](std::span<const std::byte>) -> Result<void> { return {}; });
    REQUIRE(compressor);
    REQUIRE((*compressor)->write(bytes_of(test::prose(180)))); // as small as a header
    (*compressor)->set_packed(true);
    REQUIRE((*compressor)->write(bytes_of(test::noise(100'000))));
    REQUIRE((*compressor)->finish());
    CHECK(cache->misses() == 0);
    CHECK_FALSE(std::filesystem::exists(dir / "cache"));
}
