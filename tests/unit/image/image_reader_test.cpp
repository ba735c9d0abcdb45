// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <future>
#include <random>
#include <sys/stat.h>

#include "bounded_child.hpp"
#include "compressed.hpp"
#include "compressed_archives.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

// Remembers everything, contents included.
class Recorder : public ImageVisitor {
  public:
    Result<Next> entry(const Entry& entry) override {
        entries.push_back(entry);
        contents.emplace_back();
        return Next::Content;
    }
    Result<void> content(std::span<const std::byte> piece) override {
        contents.back().append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    }
    Result<void> end_of_content() override {
        ++ended;
        return {};
    }
    Result<void> end_of_part(const Part& part) override {
        part_offsets.push_back(part.offset);
        return {};
    }
    std::vector<Entry> entries;
    std::vector<std::string> contents;
    std::vector<std::uint64_t> part_offsets;
    int ended = 0;
};

Result<ImageSummary> read(std::string_view file, Recorder& recorder) {
    return read_image(bytes_of(file), "f.img", recorder);
}

std::string error_of(std::string_view file) {
    Recorder recorder;
    const auto summary = read(file, recorder);
    return summary ? "" : summary.error().text();
}

NewcBuilder small() {
    NewcBuilder builder;
    builder.directory("etc").file("etc/a", "one").link("b", "etc/a").trailer();
    return builder;
}

std::string padded(std::string text) {
    while (text.size() % 4 != 0)
        text += '\0';
    return text;
}

} // namespace

TEST_CASE("an entry shows what its header says") {
    Recorder recorder;
    const std::string file = NewcBuilder()
                                 .add({.name = "dev/sda",
                                       .mode = 0060640,
                                       .inode = 7,
                                       .links = 1,
                                       .uid = 1,
                                       .gid = 6,
                                       .mtime = 1234567890,
                                       .major = 8,
                                       .minor = 3})
                                 .file("./a//b", "12345", 04755)
                                 .link("/l", "../x")
                                 .trailer()
                                 .text();
    const auto summary = read(file, recorder);
    REQUIRE(summary);
    REQUIRE(recorder.entries.size() == 3);
    const Entry& device = recorder.entries[0];
    CHECK(device.path == "dev/sda");
    CHECK(device.mode == 0060640);
    CHECK(device.inode == 7);
    CHECK(device.uid == 1);
    CHECK(device.gid == 6);
    CHECK(device.mtime == 1234567890);
    CHECK(device.node_major == 8);
    CHECK(device.node_minor == 3);
    CHECK(recorder.entries[1].path == "a/b");
    CHECK(recorder.entries[1].mode == 0104755);
    CHECK(recorder.entries[1].size == 5);
    CHECK(recorder.contents[1] == "12345");
    CHECK(recorder.entries[2].path == "l");
    CHECK(recorder.entries[2].target == "../x");
    CHECK(recorder.entries[0].begin == 0);
    CHECK(recorder.entries[0].end == recorder.entries[1].begin);
    CHECK(recorder.entries[1].end == recorder.entries[2].begin);
    CHECK(recorder.ended == 1);
}

TEST_CASE("every compression unpacks to the same entries") {
    for (const auto& [name, bytes] :
         {std::pair{"gzip", compressed_gzip()}, std::pair{"xz", compressed_xz()},
          std::pair{"zstd", compressed_zstd()}, std::pair{"lz4", compressed_lz4()},
          std::pair{"bzip2", compressed_bzip2()}, std::pair{"lzma", compressed_lzma()},
          std::pair{"lzo", compressed_lzo()}}) {
        INFO(name);
        Recorder recorder;
        const auto summary = read(bytes, recorder);
        REQUIRE(summary);
        REQUIRE(summary->parts.size() == 1);
        CHECK(summary->parts[0].compression == name);
        CHECK(summary->parts[0].length == bytes.size());
        CHECK(summary->parts[0].unpacked == 512);
        CHECK(summary->parts[0].archives == 1);
        CHECK(summary->parts[0].entries == 2);
        REQUIRE(recorder.entries.size() == 2);
        CHECK(recorder.entries[1].path == "hello");
        CHECK(recorder.contents[1] == hello_text);
    }
}

TEST_CASE("parts of every kind follow each other in any order, with padding between them") {
    std::string file = small().text(); // early plain archive
    const std::size_t gzip_at = file.size();
    file += compressed_gzip();
    file = padded(file);
    const std::size_t second_plain_at = file.size();
    file += NewcBuilder().file("c", "three").trailer().text();
    file += std::string(512, '\0');
    const std::size_t zstd_at = file.size();
    file += compressed_zstd() + compressed_xz(); // compressed parts need no alignment
    file += compressed_lz4();
    const std::size_t end = file.size();
    file += std::string(7, '\0');
    Recorder recorder;
    const auto summary = read(file, recorder);
    REQUIRE(summary);
    REQUIRE(summary->parts.size() == 6);
    CHECK(recorder.part_offsets == std::vector<std::uint64_t>{0, gzip_at, second_plain_at, zstd_at,
                                                              zstd_at + compressed_zstd().size(),
                                                              end - compressed_lz4().size()});
    std::uint64_t sum = summary->padding;
    for (const Part& part : summary->parts)
        sum += part.length;
    CHECK(sum == file.size());
    CHECK(recorder.entries.size() == 3 + 2 + 1 + 2 + 2 + 2);
    CHECK(recorder.entries.back().archive == 5);
    CHECK(recorder.entries.back().part == 5);
}

TEST_CASE("an archive without a trailer is read to its end") {
    Recorder recorder;
    const auto summary = read(NewcBuilder().file("a", "x").file("b", "y").text(), recorder);
    REQUIRE(summary);
    CHECK(summary->parts[0].archives == 0);
    CHECK(recorder.entries.size() == 2);
}

TEST_CASE("checksums of crc archives are checked") {
    const NewcFields good{.name = "a", .body = "abc", .magic = "070702", .check = 'a' + 'b' + 'c'};
    CHECK(error_of(NewcBuilder().add(good).trailer().text()).empty());
    NewcFields bad = good;
    bad.check = 1;
    CHECK(error_of(NewcBuilder().add(bad).trailer().text()) ==
          "f.img: 'a' (entry at byte 0) has a bad checksum: 00000126 instead of 00000001");
}

TEST_CASE("entries that the kernel skips silently are skipped with a warning") {
    Recorder recorder;
    const std::string file = NewcBuilder()
                                 .add({.name = std::string(5000, 'n'), .body = "lost"})
                                 .add({.name = "link", .mode = 0120777, .body = std::string(5000, 't')})
                                 .add({.name = "dir", .mode = 0040755, .body = "body"})
                                 .file("kept", "yes")
                                 .trailer()
                                 .text();
    const auto summary = read(file, recorder);
    REQUIRE(summary);
    CHECK(summary->warnings.size() == 3);
    CHECK(summary->warnings[0].text.find("a name of 5001 bytes") != std::string::npos);
    REQUIRE(recorder.entries.size() == 1);
    CHECK(recorder.contents[0] == "yes");
}

TEST_CASE("a wrong image is an error that names the file and the byte") {
    NewcBuilder odd;
    odd.file("a", "x").trailer();
    std::string unhex = odd.text();
    unhex[10] = 'g';
    std::string no_zero = odd.text();
    no_zero[111] = 'x'; // "a\0" of the name
    const std::string plain = small().text();
    const auto [file, error] = GENERATE_COPY(table<std::string, std::string>({
        {"", "f.img: contains no archive"},
        {std::string(100, '\0'), "f.img: contains no archive"},
        {"hello", "f.img: is text, not an initrd"},
        {"\x01hello", "f.img: neither an archive nor compressed data at byte 0"},
        {"0123", "f.img: the archive ends within the entry at byte 0"},
        {"0123" + std::string(120, 'x'), "f.img: no cpio header at byte 0"},
        {"070707" + std::string(120, '0'), "f.img: the archive at byte 0 has the old portable format (the "
                                           "kernel reads newc only: cpio -H newc)"},
        {unhex, "f.img: the cpio header at byte 0 has a field that is not hexadecimal"},
        {no_zero, "f.img: the name of the entry at byte 0 has no closing zero"},
        {plain.substr(0, 60), "f.img: the archive ends within the entry at byte 0"},
        {NewcBuilder().file("a", std::string(50, 'x')).text().substr(0, 130),
         "f.img: the archive ends within the entry at byte 0 ('a'): 34 bytes are missing"},
        {plain + "junk",
         "f.img: neither an archive nor compressed data at byte " + std::to_string(plain.size())},
        {compressed_lz4_frame(),
         "f.img: lz4 frame data at byte 0 (the kernel reads the legacy frame only: lz4 -l)"},
        {compressed_gzip() + plain,
         "f.img: an archive starts at byte 115, which is not a multiple of 4 (the kernel does "
         "not find it there: pad the part before it with zero bytes)"},
    }));
    CHECK(error_of(file) == error);
}

TEST_CASE("an entry that is not aligned inside a compressed stream is an error") {
    // Two archives of which the first is 2 bytes too long, stored in a gzip member without compression.
    const std::string inner = NewcBuilder().file("a", "x").trailer().zeros(2).file("b", "y").trailer().text();
    std::string gzip = from_hex("1f8b08000000000000030100000000");
    gzip[11] = static_cast<char>(inner.size() & 0xff);
    gzip[12] = static_cast<char>(inner.size() >> 8);
    gzip[13] = static_cast<char>(~gzip[11]);
    gzip[14] = static_cast<char>(~gzip[12]);
    // The member has no end, but the parser meets the entry first.
    CHECK(error_of(gzip + inner).find("is not aligned to 4 bytes: broken padding") != std::string::npos);
}

TEST_CASE("cut off anywhere, an image is an error or a shorter image, never a crash") {
    const std::string file =
        padded(small().text() + compressed_gzip()) + small().text() + compressed_xz() + compressed_zstd();
    for (std::size_t cut = 0; cut < file.size(); ++cut) {
        Recorder recorder;
        const std::string copy = file.substr(0, cut); // a buffer of its own, so that asan sees its end
        const auto summary = read(copy, recorder);
        if (summary) CHECK(summary->size == cut);
    }
}

TEST_CASE("with any bits flipped, an image is an error or another image, never a crash") {
    const std::string file = padded(small().text() + compressed_gzip()) + small().text() + compressed_lz4();
    std::mt19937 random(1); // NOLINT: the same flips in every run
    for (int round = 0; round < 3000; ++round) {
        std::string copy = file;
        for (int flips = 0; flips < 1 + round % 8; ++flips)
            copy[random() % copy.size()] ^= static_cast<char>(1U << (random() % 8));
        Recorder recorder;
        const auto summary = read(copy, recorder);
        if (!summary) CHECK(summary.error().first().object == "f.img");
    }
}

TEST_CASE("a size field of 4 GiB takes no memory") {
    std::string file = NewcBuilder().file("a", "x").text();
    file.replace(54, 8, "ffffffff");
    CHECK(error_of(file) ==
          "f.img: the archive ends within the entry at byte 0 ('a'): 4294967292 bytes are missing");
}

TEST_CASE("an image file keeps the contents asked for and reads others again") {
    TempDir dir;
    const auto path = dir.write("x.img", padded(small().text() + compressed_gzip()) + small().text());
    const auto image = Image::open(path, {"etc/a", "missing"});
    REQUIRE(image);
    CHECK(image->entries().size() == 8);
    REQUIRE(image->kept("etc/a") != nullptr);
    CHECK(*image->kept("etc/a") == "one");
    CHECK(image->kept("missing") == nullptr);
    std::map<std::size_t, std::string> contents;
    const auto sink = [&](std::size_t index, std::span<const std::byte> piece) -> Result<void> {
        contents[index].append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    REQUIRE(image->read_contents({1, 4, 6}, sink));
    CHECK(contents ==
          std::map<std::size_t, std::string>{{1, "one"}, {4, std::string(hello_text)}, {6, "one"}});
    CHECK(Image::open(dir / "none.img").error().first().text.find("No such file") != std::string::npos);
}

TEST_CASE("a name may end in more zeros than one, which place its content") {
    NewcBuilder builder;
    builder.add({.name = std::string("marker").append(3969, '\0'), .body = "hi"})
        .file("next", "one")
        .trailer();
    Recorder recorder;
    const auto summary = read(builder.text(), recorder);
    REQUIRE(summary);
    REQUIRE(recorder.entries.size() == 2);
    CHECK(recorder.entries[0].path == "marker");
    CHECK(recorder.contents == std::vector<std::string>{"hi", "one"});
}

TEST_CASE("contents that look like compressed data, headers or the end are contents") {
    NewcBuilder builder;
    builder.file("a", compressed_xz()).file("b", compressed_gzip()).file("c", small().text());
    builder.file("d", std::string("TRAILER!!!\0\0", 12)).trailer();
    Recorder recorder;
    REQUIRE(read(builder.text() + small().text(), recorder));
    CHECK(recorder.entries.size() == 7);
    CHECK(recorder.contents[2] == small().text());
}

TEST_CASE("what is read here and not by the kernel is read with a warning") {
    Recorder recorder;
    const auto summary = read(compressed_xz_crc64(), recorder);
    REQUIRE(summary);
    CHECK(recorder.entries.size() == 2);
    REQUIRE(summary->warnings.size() == 1);
    CHECK(to_text(summary->warnings[0]) == "f.img: the kernel does not unpack the xz stream at byte 0: its "
                                           "check is CRC64, not CRC32 (compress it "
                                           "again: xz --check=crc32)");
}

TEST_CASE("an image that comes by a pipe is read like a file") {
    TempDir dir;
    const auto path = dir / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const std::string file = small().text() + compressed_gzip();
    const auto written = std::async(std::launch::async, [&] { return write_file(path, file); });
    const auto image = Image::open(path, {"etc/a"});
    REQUIRE(image);
    CHECK(image->entries().size() == 5);
    CHECK(*image->kept("etc/a") == "one");
    CHECK(Image::open(dir.path()).error().text().find("is neither a regular file nor a stream") !=
          std::string::npos);
}

namespace {

// A zstd frame (RFC 8878, sections 3.1.1.1 and 3.1.1.2): a block as it is, then zeros, 128 KiB for each 4
// bytes.
std::string zstd_of_zeros(const std::string& start, std::size_t blocks) {
    const auto block = [](bool last, unsigned type, std::size_t size) {
        const auto header =
            static_cast<std::uint32_t>(last ? 1 : 0) | type << 1 | static_cast<std::uint32_t>(size) << 3;
        return std::string{static_cast<char>(header & 0xff), static_cast<char>(header >> 8 & 0xff),
                           static_cast<char>(header >> 16)};
    };
    std::string frame = std::string("\x28\xb5\x2f\xfd\x00\x58", 6) + block(false, 0, start.size()) + start;
    for (std::size_t i = 1; i <= blocks; ++i)
        frame += block(i == blocks, 1, 131072) + '\0';
    return frame;
}

std::string open_error(const std::filesystem::path& file, const ImageLimits& limits = {}) {
    const auto image = Image::open(file, {}, limits);
    return image ? "" : image.error().first().text;
}

} // namespace

TEST_CASE("what a file unpacks to grows with its bytes, and the limit is named") {
    CHECK(ImageLimits{}.unpacked == 2147483648);
    constexpr ImageLimits limits{.unpacked = 16 << 20};
    const TempDir dir;
    // One file of 32 MiB, as the header says.
    std::string start = NewcBuilder().add({.name = "zeros", .mode = 0100644}).text();
    start.replace(54, 8, "02000000");
    const std::string bomb = zstd_of_zeros(start, 256);
    CHECK(open_error(dir.write("bomb", bomb), limits) ==
          fmt::format("unpacks to more than {} bytes, the limit for a file of {} bytes",
                      limits.unpacked + 64 * bomb.size(), bomb.size()));
    CHECK(open_error(dir / "bomb").empty());
    // An honest one with an empty disk image.
    start.replace(54, 8, "00800000");
    CHECK(open_error(dir.write("disk", zstd_of_zeros(start, 64)), limits).empty());
}

TEST_CASE("entries, and what their names take, grow with the bytes of a file") {
    CHECK(ImageLimits{}.entries == 262144);
    CHECK(ImageLimits{}.path_bytes == 33554432);
    constexpr ImageLimits limits{.entries = 1000, .path_bytes = 100'000};
    const TempDir dir;
    const auto repeated = [](const std::string& entry, std::size_t times) {
        std::string all;
        for (std::size_t i = 0; i < times; ++i)
            all += entry;
        return all;
    };
    const std::string many = repeated(NewcBuilder().file("x", "").text(), 3000);
    const std::string file = compressed(many, wrap::Format::Gzip);
    CHECK(open_error(dir.write("many", file), limits) ==
          fmt::format("has more than {} entries, the limit for a file of {} bytes", 1000 + file.size() / 2,
                      file.size()));
    CHECK(open_error(dir.write("plain", many), limits).empty());
    const std::string names =
        compressed(repeated(NewcBuilder().file(std::string(4000, 'x'), "").text(), 100), wrap::Format::Gzip);
    CHECK(open_error(dir.write("names", names), limits) ==
          fmt::format("the names of its entries take more than {} bytes, the limit for a file of {} bytes",
                      100'000 + 64 * names.size(), names.size()));
}

TEST_CASE("streams of a few bytes cost a few bytes each") {
    const TempDir dir;
    std::string file;
    constexpr std::size_t streams = 1000;
    for (std::size_t i = 0; i < streams; ++i)
        file += std::string("\x02\x21\x4c\x18\0\0\0\0", 8);
    const auto path = dir.write("x.img", file);
    CHECK(in_bounds(std::size_t{256} << 20, 3, [&] {
              const auto image = Image::open(path);
              return image && image->summary().parts.size() == streams ? 0 : 1;
          }) == 0);
}

TEST_CASE("a hole without end is no padding") {
    const TempDir dir;
    const auto path = dir.write("x.img", small().text());
    std::filesystem::resize_file(path, 2 << 20);
    CHECK(open_error(path).empty());
    CHECK(ImageLimits{}.padding == 1073741824);
    CHECK(open_error(path, {.padding = 1 << 20}) ==
          "has more than 1048576 bytes of padding between its parts");
}
