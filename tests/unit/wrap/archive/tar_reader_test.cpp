// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/tar_reader.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bounded_child.hpp"
#include "failure_text.hpp"
#include "tar_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using wrap::TarEntry;
using wrap::TarReader;

namespace {

// Names of all entries and "end", or the error.
std::string walk(const std::filesystem::path& path) {
    auto reader = TarReader::open(path);
    if (!reader) return reader.error().first().text;
    std::string names;
    while (true) {
        auto entry = reader->next();
        if (!entry) return names + entry.error().first().text;
        if (!*entry) return names + "end";
        names += (*entry)->path + " ";
        while (true) {
            const auto block = reader->read();
            if (!block) return names + block.error().first().text;
            if (!*block) break;
        }
    }
}

} // namespace

TEST_CASE("plain and gzip archives are read the same") {
    const test::TempDir dir;
    const auto builder =
        test::TarBuilder().directory("etc/").file("etc/hosts", "127.0.0.1").symlink("a", "etc/hosts");
    CHECK(walk(dir.write("plain", builder.tar())) == "etc/ etc/hosts a end");
    CHECK(walk(dir.write("gzip", builder.gzip())) == "etc/ etc/hosts a end");
}

TEST_CASE("entries have what tar says of them") {
    const test::TempDir dir;
    const auto path = dir.write(
        "x", test::TarBuilder().file("f", "abc", 04755).hardlink("h", "f").device("d", 4, 64).gzip());
    auto reader = TarReader::open(path).value();
    const auto file = reader.next().value().value();
    CHECK(file.kind == TarEntry::Kind::Regular);
    CHECK(file.mode == 04755);
    CHECK(file.size == 3);
    CHECK(file.mtime == 1000000000);
    const auto block = reader.read().value().value();
    CHECK(std::string(reinterpret_cast<const char*>(block.bytes.data()), block.bytes.size()) == "abc");
    const auto link = reader.next().value().value();
    CHECK(link.kind == TarEntry::Kind::Hardlink);
    CHECK(link.target == "f");
    const auto device = reader.next().value().value();
    CHECK(device.kind == TarEntry::Kind::CharacterDevice);
    CHECK(device.device_major == 4);
    CHECK(device.device_minor == 64);
    CHECK_FALSE(reader.next().value());
}

TEST_CASE("extended attributes are read in both spellings, whatever bytes they hold") {
    using namespace std::string_literals;
    const test::TempDir dir;
    const std::string capability = "\1\0\0\2\0\x20\0\0"s + std::string(12, '\0');
    const auto path =
        dir.write("x", test::TarBuilder()
                           .pax("SCHILY.xattr.security.capability", capability)
                           .file("ping", "")
                           .pax("LIBARCHIVE.xattr.user.color", "Z3JlZW4=")
                           .file("tree", "")
                           .pax("SCHILY.acl.access", "user::rw-,user:7:r--,group::r--,mask::r--,other::r--")
                           .file("shared", "")
                           .file("none", "")
                           .gzip());
    auto reader = TarReader::open(path).value();
    const auto ping = reader.next().value().value();
    REQUIRE(ping.attributes.size() == 1);
    CHECK(ping.attributes[0].name == "security.capability");
    CHECK(ping.attributes[0].value == capability);
    CHECK_FALSE(ping.has_acl);
    const auto tree = reader.next().value().value();
    REQUIRE(tree.attributes.size() == 1);
    CHECK(tree.attributes[0].name == "user.color");
    CHECK(tree.attributes[0].value == "green");
    CHECK(reader.next().value().value().has_acl);
    CHECK(reader.next().value().value().attributes.empty());
}

TEST_CASE("an archive that is compressed or encrypted in another form is named, with what to do") {
    using namespace std::string_literals;
    const test::TempDir dir;
    const auto failure = [&](const std::string& content) {
        auto reader = TarReader::open(dir.write("x", content));
        if (!reader) return reader.error().first();
        const auto entry = reader->next();
        return entry ? Problem{} : entry.error().first();
    };
    const std::string noise(2000, 'x');
    const auto xz = failure("\xfd"
                            "7zXZ\0"s +
                            noise);
    CHECK(xz.code == "MPX-TAR-05");
    CHECK(xz.text.starts_with("is compressed with xz"));
    CHECK(xz.hint == "compress it again: xz -dc ARCHIVE | gzip > NAME.tar.gz");
    CHECK(failure("\x28\xb5\x2f\xfd" + noise).text.starts_with("is compressed with zstd"));
    CHECK(failure("BZh91AY&SY" + noise).text.starts_with("is compressed with bzip2"));
    for (const char* start : {"Salted__12345678", "U2FsdGVkX1abc", "age-encryption.org/v1\n"})
        CHECK(failure(start + noise).code == "MPX-OVL-01");
    // The bytes may as well begin a name.
    CHECK(walk(dir.write("y", test::TarBuilder().file("Salted__almonds", "x").tar())) ==
          "Salted__almonds end");
}

TEST_CASE("damage is found: cut anywhere, a wrong checksum, no archive at all") {
    const test::TempDir dir;
    std::string large;
    for (int i = 0; i < 20000; ++i)
        large += std::to_string(i * 7919);
    const std::string good = test::TarBuilder().file("a", large).file("b", "x").gzip();
    REQUIRE(walk(dir.write("good", good)) == "a b end");
    for (const std::size_t size : {std::size_t{30}, good.size() / 2, good.size() - 9, good.size() - 1})
        CHECK_FALSE(walk(dir.write("cut", good.substr(0, size))).ends_with("end"));
    std::string flipped = good;
    flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1); // in the CRC
    CHECK(walk(dir.write("crc", flipped)).find("is damaged") != std::string::npos);
    CHECK(walk(dir.write("html", "<html>404</html>")).starts_with("is not an intact tar archive"));
    CHECK(walk(dir.write("empty", "")).starts_with("is not an intact tar archive"));
    CHECK_FALSE(TarReader::open(dir / "missing"));
}

TEST_CASE("zeros without end behind an archive are not read") {
    const test::TempDir dir;
    const std::string tar = test::TarBuilder().file("f", "abc").tar();
    CHECK(walk(dir.write("padded", tar + std::string(1 << 20, '\0'))) == "f end");
    const auto bomb = dir.write("bomb", tar);
    std::filesystem::resize_file(bomb, 17 << 20);
    CHECK(walk(bomb) == "f continues after its end");
}

namespace {

std::string long_name(std::size_t bytes, std::string_view last) {
    std::string name;
    while (name.size() + 2 + last.size() <= bytes)
        name += "./";
    return name.append(last);
}

// An old sparse file of GNU tar whose map goes on in so many blocks.
std::string endless_map(std::size_t blocks) {
    std::string entry = test::TarBuilder().file("sparse", "").tar().substr(0, 512);
    entry[156] = 'S';
    entry.replace(257, 8, std::string("ustar  ") + '\0');
    entry.replace(386, 24, std::string(11, '0') + '\0' + std::string(11, '0') + '\0'); // the first pair
    entry[482] = 1;                                                                    // isextended
    entry.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : entry)
        sum += static_cast<unsigned char>(c);
    entry.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
    std::string block;
    for (int i = 0; i < 42; ++i) // 21 pairs of offset and length
        block += std::string(11, '0') + '\0';
    block += '\1';
    block.resize(512, '\0');
    for (std::size_t i = 0; i < blocks; ++i)
        entry += block;
    return entry;
}

} // namespace

TEST_CASE("a name or link target that no system takes is refused, and told in short") {
    const test::TempDir dir;
    const auto problem = [&](const test::TarBuilder& tar) {
        auto reader = TarReader::open(dir.write("x", tar.gzip())).value();
        REQUIRE(reader.next());
        const auto entry = reader.next();
        return entry ? Problem{} : entry.error().first();
    };
    const auto fits = [&](const test::TarBuilder& tar) { return problem(tar).text.empty(); };
    CHECK(fits(test::TarBuilder().file("a", "").pax("path", long_name(4095, "b")).file("b", "")));
    const auto name =
        problem(test::TarBuilder().file("a", "").pax("path", long_name(900000, "b")).file("b", ""));
    CHECK(name.code == "MPX-TAR-07");
    CHECK(name.text.starts_with("entry 2: a name of 899999 bytes, but the limit is 4095: './././"));
    CHECK(name.text.size() < 300);
    const std::string target = long_name(5000, "c");
    const auto link = problem(test::TarBuilder().file("a", "").pax("linkpath", target).symlink("b", "c"));
    CHECK(link.code == "MPX-TAR-07");
    CHECK(link.text.starts_with("entry 2: a link target of 4999 bytes"));
}

TEST_CASE("a header without end is refused before it fills the memory") {
    const test::TempDir dir;
    const auto old =
        dir.write("old", test::TarBuilder::gzipped(endless_map(40000) + std::string(1024, '\0')));
    CHECK(test::in_bounds(std::size_t{16} << 20, 10, [&] {
              const std::string text = walk(old);
              return text.find("its header is longer than 2097152 bytes") != std::string::npos ? 0 : 1;
          }) == 0);
}

TEST_CASE("more entries than an archive has bytes for are refused") {
    const test::TempDir dir;
    CHECK(TarReader::Bounds{}.entries == 65536);
    constexpr TarReader::Bounds bounds{.entries = 100};
    const auto compressed = test::TarBuilder().file("x", "").repeat(512, 1999);
    auto reader = TarReader::open(dir.write("x", compressed.gzip()), bounds).value();
    std::size_t entries = 0;
    auto entry = reader.next();
    for (; entry && *entry; entry = reader.next())
        ++entries;
    REQUIRE_FALSE(entry);
    CHECK(entry.error().first().code == "MPX-TAR-07");
    CHECK(entry.error().first().text.find("more than one for each 6 bytes and 100 in addition: 'x'") !=
          std::string::npos);
    CHECK(entries >= 100);
    CHECK(entries < 2000);
    // As such it has 512 bytes for each.
    auto plain = TarReader::open(dir.write("plain", compressed.tar()), bounds).value();
    for (entries = 0, entry = plain.next(); entry && *entry; entry = plain.next())
        ++entries;
    CHECK(entry);
    CHECK(entries == 2000);
}
