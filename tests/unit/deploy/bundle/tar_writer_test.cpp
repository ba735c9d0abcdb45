// SPDX-License-Identifier: MIT
// Read back by the reader that the init has.
#include "mkpxerd/deploy/bundle/tar_writer.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using Kind = wrap::TarEntry::Kind;

namespace {

struct Archive {
    std::string bytes;
    deploy::TarWriter writer{[this](std::span<const std::byte> piece) -> Result<void> {
                                 bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
                                 return {};
                             },
                             1234567890};
};

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

} // namespace

TEST_CASE("directories, files and links come back as they were written") {
    test::TempDir dir;
    Archive archive;
    const std::string deep = std::string(120, 'd') + "/" + std::string(90, 'f');
    REQUIRE(archive.writer.add_directory("sbin"));
    REQUIRE(archive.writer.add_file("sbin/init", bytes_of(std::string(513, 'x')), 0755));
    REQUIRE(archive.writer.add_link("linuxrc", "sbin/init"));
    REQUIRE(archive.writer.add_file("empty", bytes_of(""), 0644));
    REQUIRE(archive.writer.add_file(deep, bytes_of("deep"), 0600));
    REQUIRE(archive.writer.finish());
    CHECK(archive.bytes.size() % 512 == 0);
    dir.write("root.tar", archive.bytes);

    auto reader = wrap::TarReader::open(dir / "root.tar");
    REQUIRE(reader);
    const auto next = [&] {
        auto entry = reader->next();
        REQUIRE(entry);
        REQUIRE(*entry);
        return std::move(**entry);
    };
    auto entry = next();
    CHECK(entry.kind == Kind::Directory);
    entry = next();
    CHECK(entry.path == "sbin/init");
    CHECK(entry.mode == 0755U);
    CHECK(entry.size == 513);
    CHECK(entry.mtime == 1234567890);
    entry = next();
    CHECK(entry.kind == Kind::Symlink);
    CHECK(entry.target == "sbin/init");
    entry = next();
    CHECK(entry.path == "empty");
    entry = next();
    CHECK(entry.path == deep);
    CHECK(entry.size == 4);
    const auto end = reader->next();
    REQUIRE(end);
    CHECK_FALSE(*end);
}

TEST_CASE("what does not fit is refused by name") {
    Archive archive;
    const std::string long_name = "directory/" + std::string(101, 'n');
    CHECK_FALSE(deploy::TarWriter::holds(long_name));
    CHECK(deploy::TarWriter::holds("directory/name"));
    const auto refused = archive.writer.add_file(long_name, bytes_of("x"), 0644);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().object == long_name);
    CHECK_FALSE(archive.writer.add_link("link", std::string(101, 't')));
    CHECK(archive.bytes.empty());
}
