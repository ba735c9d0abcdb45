// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/entry_attributes.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/xattr.h>

#include "unpack_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("extended attributes are kept, and each refused kind is reported once") {
    const test::UnpackRoot roots;
    // A capability in the form of vfs_cap_data, revision 2 (linux/capability.h): cap_net_raw.
    const std::string capability("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    roots.dir.write("root/probe", "");
    const auto takes = [&](const char* name, const std::string& value) {
        return ::setxattr((roots.root() / "probe").c_str(), name, value.data(), value.size(), 0) == 0;
    };
    const bool keeps_user = takes("user.color", "green");
    const bool keeps_capability = takes("security.capability", capability);
    const auto unpacked = roots.unpack(test::TarBuilder()
                                           .pax("SCHILY.xattr.user.color", "green")
                                           .file("a", "a", 0755)
                                           .pax("SCHILY.xattr.user.color", "blue")
                                           .directory("b")
                                           .pax("SCHILY.xattr.security.capability", capability)
                                           .file("ping", "ping", 0755)
                                           .pax("SCHILY.xattr.nonsense.one", "1")
                                           .file("c", "")
                                           .pax("SCHILY.xattr.nonsense.two", "2")
                                           .symlink("d", "c"));
    REQUIRE(unpacked);
    const auto read = [&](const char* path, const char* name) {
        std::array<char, 64> value{};
        const ssize_t size = ::getxattr((roots.root() / path).c_str(), name, value.data(), value.size());
        return size < 0 ? std::string("none") : std::string(value.data(), static_cast<std::size_t>(size));
    };
    CHECK(read("a", "user.color") == (keeps_user ? "green" : "none"));
    CHECK(read("b", "user.color") == (keeps_user ? "blue" : "none"));
    CHECK(read("ping", "security.capability") == (keeps_capability ? capability : "none"));
    const auto lines_with = [&](std::string_view start) {
        return std::count_if(unpacked->warnings.begin(), unpacked->warnings.end(),
                             [&](const std::string& line) { return line.starts_with(start); });
    };
    CHECK(lines_with("attributes nonsense.*: 2 not kept, first nonsense.one of c: ") == 1);
    CHECK(lines_with("attributes user.*: 2 not kept") == (keeps_user ? 0 : 1));
    CHECK(lines_with("attributes security.*: 1 not kept") == (keeps_capability ? 0 : 1));
}

TEST_CASE("access control lists are not kept, which is reported") {
    const test::UnpackRoot roots;
    const auto unpacked =
        roots.unpack(test::TarBuilder()
                         .pax("SCHILY.acl.access", "user::rw-,user:7:r--,group::r--,mask::r--,other::r--")
                         .file("a", "a"));
    REQUIRE(unpacked);
    CHECK(unpacked->warnings ==
          std::vector<std::string>{"access control lists: 1 not kept, first a: not supported"});
}

TEST_CASE("a file has at most 64 attributes, and the rest is reported") {
    const test::UnpackRoot roots;
    std::string records;
    for (int i = 0; i < 70; ++i) {
        const std::string record = fmt::format("SCHILY.xattr.nonsense.a{:02}=1\n", i);
        records += fmt::format("{} {}", record.size() + 3, record);
    }
    test::TarBuilder tar;
    tar.file("PaxHeaders/x", records);
    std::string bytes = tar.tar();
    bytes.resize(bytes.size() - 1024);
    // The same bytes as a pax header.
    bytes[156] = 'x';
    bytes.replace(148, 8, "        ");
    unsigned sum = 0;
    for (int i = 0; i < 512; ++i)
        sum += static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    bytes.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
    const auto unpacked = roots.unpack(test::TarBuilder().raw(bytes).file("f", "x"));
    REQUIRE(unpacked);
    REQUIRE(unpacked->warnings.size() == 2);
    CHECK(unpacked->warnings[0].starts_with("attributes: 1 not kept, first those of f from nonsense.a"));
    CHECK(unpacked->warnings[0].ends_with("the limit for a file is 64 attributes and 65536 bytes"));
    CHECK(unpacked->warnings[1].starts_with("attributes nonsense.*: 64 not kept"));
}

TEST_CASE("directories keep the time of the archive, whatever is written into them later") {
    const test::UnpackRoot roots;
    REQUIRE(roots.unpack(test::TarBuilder()
                             .directory("a/")
                             .directory("a/b/")
                             .file("a/b/x", "1")
                             .file("a/b/x", "2")
                             .hardlink("a/y", "a/b/x")
                             .symlink("link", "a")
                             .file("link/new/z", "3")
                             .directory("a/c/")));
    CHECK(roots.content("a/new/z") == "3");
    for (const char* directory : {"a", "a/b", "a/c"})
        CHECK(roots.status(directory).st_mtime == 1000000000);
}
