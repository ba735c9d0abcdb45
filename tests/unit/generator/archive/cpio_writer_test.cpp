// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/cpio_writer.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "compressed.hpp"
#include "samples.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Archive {
    std::string bytes;
    CpioWriter writer{[this](std::span<const std::byte> piece) -> Result<void> {
                          bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
                          return {};
                      },
                      1700000000};
};

ImageEntry file(std::string path, std::string content) {
    ImageEntry entry;
    entry.path = std::move(path);
    entry.mode = S_IFREG | 0644;
    entry.inode = 5;
    entry.size = content.size();
    entry.content = std::move(content);
    return entry;
}

} // namespace

TEST_CASE("an entry is a header of 110 digits, name and content, each padded to four bytes") {
    Archive archive;
    REQUIRE(archive.writer.add(file("etc/x", "hello")));
    const std::string expected = "070701"
                                 "00000005000081a4"        // inode, mode
                                 "0000000000000000"        // owner 0:0
                                 "000000016553f100"        // links, time
                                 "00000005"                // bytes
                                 "0000000000000000"        // device
                                 "0000000000000000"        // device that it is
                                 "0000000600000000etc/x" + // length of the name, checksum
                                 std::string(1, '\0') +
                                 "hello" + std::string(3, '\0');
    CHECK(archive.bytes == expected);
    CHECK(archive.writer.bytes() == expected.size());
    REQUIRE(archive.writer.finish());
    CHECK(archive.bytes.size() % 4 == 0);
    CHECK_THAT(archive.bytes.substr(expected.size()),
               Catch::StartsWith("070701") && Catch::Contains("TRAILER!!!"));
}

TEST_CASE("a device has its numbers, and an entry without content no padding behind it") {
    Archive archive;
    ImageEntry console = file("dev/console", "");
    console.mode = S_IFCHR | 0600;
    console.device_major = 5;
    console.device_minor = 1;
    REQUIRE(archive.writer.add(console));
    CHECK(archive.bytes.substr(78, 16) == "0000000500000001");
    CHECK(archive.bytes.size() == 124); // 110 + 12, padded
}

TEST_CASE("what cpio cannot hold is refused before anything is written") {
    Archive archive;
    ImageEntry large = file("var/large", "");
    large.size = std::uint64_t{1} << 32;
    const auto too_large = archive.writer.add(large);
    REQUIRE_FALSE(too_large);
    CHECK_THAT(too_large.error().text(), Catch::Contains("var/large: is 4 GiB or larger"));
    CHECK_FALSE(archive.writer.add(file("TRAILER!!!", "x")));
    CHECK(archive.bytes.empty());
}

TEST_CASE("a file that has changed since it was measured is named, and so is one that has vanished") {
    const test::TempDir tree;
    tree.write("file", "hello");
    ImageEntry entry = file("file", "");
    entry.content = TreePath(tree.path(), "file");
    for (const std::uint64_t size : {4, 6}) {
        Archive archive;
        entry.size = size;
        const auto added = archive.writer.add(entry);
        REQUIRE_FALSE(added);
        CHECK_THAT(added.error().text(), Catch::Contains((tree / "file").string()));
    }
    Archive archive;
    entry.size = 5;
    REQUIRE(archive.writer.add(entry));
    CHECK_THAT(archive.bytes, Catch::Contains("hello"));
    std::filesystem::remove(tree / "file");
    CHECK_FALSE(archive.writer.add(entry));
}

TEST_CASE("a compressed file goes in unpacked, from memory if it was kept there") {
    const test::TempDir tree;
    tree.write("x.gz", test::compressed("hello", wrap::Format::Gzip));
    ImageEntry entry = file("x", "");
    entry.size = 5;
    entry.content = CompressedFile{.source = TreePath(tree.path(), "x.gz")};
    Archive unpacked;
    REQUIRE(unpacked.writer.add(entry));
    CHECK_THAT(unpacked.bytes, Catch::Contains("hello"));
    for (const std::uint64_t size : {4, 6}) { // another length than before
        Archive archive;
        entry.size = size;
        CHECK_FALSE(archive.writer.add(entry));
    }
    Archive kept;
    entry.size = 5;
    entry.content = CompressedFile{.source = TreePath(tree.path(), "none"),
                                   .plain = std::make_shared<const std::string>("hello")};
    REQUIRE(kept.writer.add(entry));
    CHECK(kept.bytes == unpacked.bytes);
}

TEST_CASE("a file that goes in packed comes from memory, or is packed again") {
    const test::TempDir tree;
    const std::string plain = test::prose(2000);
    tree.write("m.ko", plain);
    const std::string packed =
        wrap::FilePacker(wrap::packing_zstd, nullptr).pack(std::as_bytes(std::span(plain))).value();
    ImageEntry entry = file("m.ko.zst", "");
    entry.size = packed.size();
    entry.content = PackedFile{
        .source = TreePath(tree.path(), "m.ko"), .plain_size = plain.size(), .packing = wrap::packing_zstd};
    Archive again;
    REQUIRE(again.writer.add(entry));
    CHECK(again.bytes.find(packed) != std::string::npos);
    ImageEntry kept_entry = entry;
    kept_entry.content = PackedFile{.source = TreePath(tree.path(), "none"),
                                    .plain_size = plain.size(),
                                    .packing = wrap::packing_zstd,
                                    .packed = std::make_shared<const std::string>(packed)};
    Archive kept;
    REQUIRE(kept.writer.add(kept_entry));
    CHECK(kept.bytes == again.bytes);
    tree.write("m.ko", "another content");
    Archive archive;
    CHECK_FALSE(archive.writer.add(entry));
}

TEST_CASE("only content that is packed already is stored, and only where it is long") {
    struct Recorder : wrap::Compressor {
        std::string text;
        Result<void> write(std::span<const std::byte> bytes) override {
            text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return {};
        }
        void set_packed(bool packed) override { text += packed ? '<' : '>'; }
        Result<void> finish() override { return {}; }
    } recorder;
    CpioWriter writer(recorder, 0);
    for (const bool is_packed : {false, true})
        for (const std::size_t size : {10U, 600U}) {
            ImageEntry entry = file("f", std::string(size, is_packed ? 'p' : 'c'));
            entry.is_packed = is_packed;
            REQUIRE(writer.add(entry));
        }
    CHECK(recorder.text.find('<' + std::string(600, 'p') + '>') != std::string::npos);
    CHECK(std::ranges::count(recorder.text, '<') == 1);
}

TEST_CASE("an error of the sink ends the archive") {
    CpioWriter writer([](std::span<const std::byte>) -> Result<void> { return fail("disk", "is full"); }, 0);
    const auto added = writer.add(file("x", "y"));
    REQUIRE_FALSE(added);
    CHECK(added.error().text() == "disk: is full");
}
