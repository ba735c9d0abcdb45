// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/tar_unpacker.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "bounded_child.hpp"
#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "refused_call.hpp"
#include "tar_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Roots {
    Roots() {
        std::filesystem::create_directories(root());
        dir.write("outside/victim", "untouched");
    }
    std::filesystem::path root() const { return dir / "root"; }
    Result<Unpacked> unpack(const test::TarBuilder& tar) const {
        return unpack_tar(dir.write("archive", tar.gzip()), root());
    }
    std::string code(const test::TarBuilder& tar) const {
        const auto result = unpack(tar);
        return result ? "none" : std::string(code_text(result.error().first().code));
    }
    std::string content(std::string_view path) const { return read_file(root() / path).value(); }
    struct stat status(std::string_view path) const {
        struct stat st {};
        REQUIRE(::lstat((root() / path).c_str(), &st) == 0);
        return st;
    }
    test::TempDir dir;
};

} // namespace

TEST_CASE("files, directories and links arrive with mode and time, and are listed as stored") {
    const Roots roots;
    const auto names = roots.unpack(test::TarBuilder()
                                        .directory("./")
                                        .directory("etc/", 0750)
                                        .file("etc/passwd", "root", 0600)
                                        .file("deep/in/side", "x")
                                        .symlink("link", "/etc/passwd")
                                        .hardlink("etc/same", "etc/passwd")
                                        .file("su", "", 04755)
                                        .fifo("pipe"));
    REQUIRE(names);
    CHECK(names->names.size() == 8);
    CHECK(names->names[1] == "etc/");
    CHECK(names->warnings.empty());
    CHECK((roots.status("etc").st_mode & 07777) == 0750);
    CHECK(roots.status("etc").st_mtime == 1000000000);
    CHECK((roots.status("etc/passwd").st_mode & 07777) == 0600);
    CHECK(roots.status("etc/passwd").st_ino == roots.status("etc/same").st_ino);
    CHECK((roots.status("su").st_mode & 07777) == 04755);
    CHECK(std::filesystem::read_symlink(roots.root() / "link") == "/etc/passwd");
    CHECK(roots.status("link").st_mtime == 1000000000);
    CHECK(S_ISFIFO(roots.status("pipe").st_mode));
    CHECK(roots.content("deep/in/side") == "x");
}

TEST_CASE("names that lead out of the root are refused") {
    const Roots roots;
    CHECK(roots.code(test::TarBuilder().file("../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file("etc/../../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file("/../outside/victim", "bad")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().hardlink("x", "../outside/victim")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().directory("..")) == "MPX-TAR-02");
    CHECK(roots.code(test::TarBuilder().file(".", "bad")) == "MPX-TAR-02");
    CHECK(read_file(roots.dir / "outside/victim").value() == "untouched");
}

TEST_CASE("absolute names, as of tar -P, are taken as names below the root, and that is told once") {
    const Roots roots;
    const std::string outside = (roots.dir / "outside/victim").string();
    const auto unpacked = roots.unpack(test::TarBuilder()
                                           .directory("/")
                                           .file("/etc/hosts", "own")
                                           .hardlink("/etc/same", "/etc/hosts")
                                           .file("//deep//x", "x")
                                           .file(outside, "inside"));
    REQUIRE(unpacked);
    CHECK(roots.content("etc/hosts") == "own");
    CHECK(roots.content("etc/same") == "own");
    CHECK(roots.content("deep/x") == "x");
    CHECK(roots.content(outside.substr(1)) == "inside");
    CHECK(read_file(outside).value() == "untouched");
    CHECK(unpacked->names ==
          std::vector<std::string>{".", "etc/hosts", "etc/same", "deep//x", outside.substr(1)});
    CHECK(unpacked->warnings ==
          std::vector<std::string>{"5 names begin with \"/\" (tar -P): taken as names below the root"});
}

TEST_CASE("extended attributes are kept, and what the file system refuses is told once") {
    const Roots roots;
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

TEST_CASE("access control lists are not kept, which is told") {
    const Roots roots;
    const auto unpacked =
        roots.unpack(test::TarBuilder()
                         .pax("SCHILY.acl.access", "user::rw-,user:7:r--,group::r--,mask::r--,other::r--")
                         .file("a", "a"));
    REQUIRE(unpacked);
    CHECK(unpacked->warnings ==
          std::vector<std::string>{"access control lists: 1 not kept, first a: they are not read"});
}

TEST_CASE("a kernel without openat2 is named, and nothing is unpacked another way") {
    const Roots roots;
    const auto archive = roots.dir.write("archive", test::TarBuilder().file("a", "a").gzip());
    CHECK(test::with_refused_call(SYS_openat2, ENOSYS, [&] {
              const auto unpacked = unpack_tar(archive, roots.root());
              return !unpacked && unpacked.error().first().code == "MPX-TAR-06" ? 0 : 1;
          }) == 0);
    CHECK_FALSE(std::filesystem::exists(roots.root() / "a"));
}

TEST_CASE("links never carry a write out of the root") {
    const Roots roots;
    const std::string outside = (roots.dir / "outside").string();
    // An absolute link starts at the root of the new system, and ".." stays there.
    CHECK(roots.code(test::TarBuilder().symlink("up", "../outside").file("up/victim", "bad")) != "none");
    CHECK(roots.code(test::TarBuilder().symlink("abs", outside).file("abs/victim", "bad")) != "none");
    CHECK(roots.code(test::TarBuilder().symlink("victim", outside + "/victim").file("victim", "own")) ==
          "none");
    CHECK(roots.content("victim") == "own");
    CHECK(roots.code(test::TarBuilder().symlink("f", outside + "/victim").hardlink("g", "f")) == "none");
    CHECK(read_file(roots.dir / "outside/victim").value() == "untouched");
    CHECK(std::filesystem::read_symlink(roots.root() / "g") == outside + "/victim");
}

TEST_CASE("links inside the root are followed inside it") {
    const Roots roots;
    REQUIRE(roots.unpack(test::TarBuilder()
                             .directory("usr/lib/")
                             .symlink("lib", "/usr/lib")
                             .file("lib/x", "1")
                             .directory("lib/")));
    CHECK(roots.content("usr/lib/x") == "1");
    CHECK(std::filesystem::is_symlink(roots.root() / "lib"));
}

TEST_CASE("what is in the way is replaced, full directories are not") {
    const Roots roots;
    roots.dir.write("root/file", "old");
    roots.dir.write("root/full/x", "old");
    std::filesystem::create_directories(roots.root() / "empty");
    REQUIRE(
        roots.unpack(test::TarBuilder().file("file", "new").file("empty", "now a file").directory("file2")));
    CHECK(roots.content("file") == "new");
    CHECK(roots.content("empty") == "now a file");
    REQUIRE(roots.unpack(test::TarBuilder().directory("file")));
    CHECK(std::filesystem::is_directory(roots.root() / "file"));
    CHECK(roots.code(test::TarBuilder().file("full", "x")) == "MPX-TAR-04");
    CHECK(roots.content("full/x") == "old");
}

TEST_CASE("a hard link to nothing is named, one to itself is no matter") {
    const Roots roots;
    const auto result = roots.unpack(test::TarBuilder().hardlink("a", "nothing"));
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "a");
    CHECK(result.error().first().text.starts_with("is a hard link to nothing, which does not exist"));
    CHECK(roots.unpack(test::TarBuilder().file("b", "x").hardlink("b", "b")));
    CHECK(roots.content("b") == "x");
}

TEST_CASE("a damaged archive has its own code") {
    const Roots roots;
    const std::string good = test::TarBuilder().file("a", std::string(5000, 'x')).gzip();
    const auto result = unpack_tar(roots.dir.write("cut", good.substr(0, good.size() - 4)), roots.root());
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-TAR-01");
    CHECK(result.error().first().object == (roots.dir / "cut").string());
}

namespace {

// "./././x": as long as a name may be, and short on the file system.
std::string long_name(std::string_view last) {
    std::string name;
    while (name.size() + 2 + last.size() < 4096)
        name += "./";
    return name.append(last);
}

} // namespace

TEST_CASE("what an archive asks to be remembered does not grow with it") {
    const Roots roots;
    const auto unpack = [&](const std::filesystem::path& archive, bool keep_names) {
        return test::in_bounds(std::size_t{24} << 20, 120, [&] {
            const auto unpacked = unpack_tar(archive, roots.root(), {.keep_names = keep_names});
            if (!unpacked) return unpacked.error().first().code == "MPX-TAR-07" ? 7 : 1;
            return unpacked->entries == 8000 && unpacked->names.empty() ? 0 : 2;
        });
    };
    // 32 MB of names in 120 KB of gzip.
    const std::string name = long_name("d");
    test::TarBuilder tar;
    tar.pax("path", name).directory("d");
    tar.repeat(tar.tar().size() - 1024, 7999);
    const auto archive = roots.dir.write("archive", tar.gzip());
    CHECK(unpack(archive, false) == 0);
    CHECK(unpack(archive, true) == 7);
}

TEST_CASE("names that are kept for apk are bounded, and the entry is named") {
    const Roots roots;
    test::TarBuilder tar;
    tar.pax("path", long_name("d")).directory("d");
    tar.repeat(tar.tar().size() - 1024, 4999);
    const auto unpacked = roots.unpack(tar);
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().first().code == "MPX-TAR-07");
    CHECK(unpacked.error().first().text ==
          "the names up to this entry take more than 16777216 bytes of memory");
}

TEST_CASE("unpacking ends with an error before the memory does") {
    const Roots roots;
    const auto failure = [&](const test::TarBuilder& tar) {
        const auto unpacked = unpack_tar(roots.dir.write("archive", tar.gzip()), roots.root(),
                                         {.free_memory = [] { return 0; }});
        return unpacked ? Problem{} : unpacked.error().first();
    };
    const auto large =
        failure(test::TarBuilder().file("small", "x").file("large", std::string(5 << 20, 'x')));
    CHECK(large.code == "MPX-TAR-03");
    CHECK(large.object == "large");
    CHECK(large.text.starts_with("cannot be unpacked: less than 12.6 MB of memory is left after "));
    // Without content each takes an inode and more.
    test::TarBuilder empty;
    empty.file("x", "").repeat(512, 4000);
    CHECK(failure(empty).code == "MPX-TAR-03");
    // tmpfs does not count them.
    test::TarBuilder attributes;
    for (int i = 0; i < 200; ++i)
        attributes.pax("SCHILY.xattr.trusted.x", std::string(60000, 'x')).file("x", "");
    CHECK(failure(attributes).code == "MPX-TAR-03");
    CHECK(failure(test::TarBuilder().file("small", "x")).text.empty());
}

TEST_CASE("a file has at most 64 attributes, the rest is told") {
    const Roots roots;
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
    CHECK(unpacked->warnings[0].ends_with("a file may have 64, of 65536 bytes together"));
    CHECK(unpacked->warnings[1].starts_with("attributes nonsense.*: 64 not kept"));
}

TEST_CASE("directories keep the time of the archive, whatever is written into them later") {
    const Roots roots;
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

TEST_CASE("directories as deep as a name can tell are made, links on the way followed") {
    const Roots roots;
    std::string deep;
    for (int i = 0; i < 900; ++i)
        deep += "a/";
    REQUIRE(test::in_bounds(std::size_t{64} << 20, 10, [&] {
                test::TarBuilder tar;
                tar.symlink("link", "/real").directory("real/");
                for (int i = 0; i < 300; ++i)
                    tar.pax("path", fmt::format("link/{}{}/x", deep, i)).file("x", "x");
                return roots.unpack(tar) ? 0 : 1;
            }) == 0);
    CHECK(std::filesystem::is_symlink(roots.root() / "link"));
    std::error_code error;
    CHECK(std::filesystem::is_directory(roots.root() / "real/a/a/a", error));
}
