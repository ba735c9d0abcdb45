// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/tar_unpacker.hpp"

#include <catch2/catch.hpp>

#include "bounded_child.hpp"
#include "unpack_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// So many times a directory whose name is nearly as long as a name may be, in a few bytes of gzip.
test::TarBuilder long_names(std::size_t times) {
    std::string name;
    for (int i = 0; i < 16; ++i)
        name += std::string(250, 'd') + "/";
    test::TarBuilder tar;
    tar.pax("path", name).directory("d");
    return tar.repeat(tar.tar().size() - 1024, times - 1);
}

} // namespace

TEST_CASE("files, directories and links arrive with mode and time, and are listed as stored") {
    const test::UnpackRoot roots;
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

TEST_CASE("absolute names, as of tar -P, are taken as names below the root, and that is told once") {
    const test::UnpackRoot roots;
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
          std::vector<std::string>{"absolute names (tar -P): 5 taken as names below the root"});
}

TEST_CASE("a damaged archive has its own code") {
    const test::UnpackRoot roots;
    const std::string good = test::TarBuilder().file("a", std::string(5000, 'x')).gzip();
    const auto result = unpack_tar(roots.dir.write("cut", good.substr(0, good.size() - 4)), roots.root());
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-TAR-01");
    CHECK(result.error().first().object == (roots.dir / "cut").string());
}

TEST_CASE("what an archive asks to be remembered does not grow with it") {
    const test::UnpackRoot roots;
    const auto unpack = [&](const std::filesystem::path& archive, bool keep_names) {
        return test::in_bounds(std::size_t{6} << 20, 20, [&] {
            const auto unpacked = unpack_tar(
                archive, roots.root(), {.keep_names = keep_names, .max_name_bytes = std::size_t{4} << 20});
            if (!unpacked) return unpacked.error().first().code == "MPX-TAR-07" ? 7 : 1;
            return unpacked->entries == 2000 && unpacked->names.empty() ? 0 : 2;
        });
    };
    const auto archive = roots.dir.write("archive", long_names(2000).gzip()); // 8 MB of names
    CHECK(unpack(archive, false) == 0);
    CHECK(unpack(archive, true) == 7);
}

TEST_CASE("names that are kept for apk are bounded, and the entry is named") {
    CHECK(UnpackOptions{}.max_name_bytes == 16777216);
    const test::UnpackRoot roots;
    const auto unpacked = unpack_tar(roots.dir.write("archive", long_names(20).gzip()), roots.root(),
                                     {.max_name_bytes = 65536});
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().first().code == "MPX-TAR-07");
    CHECK(unpacked.error().first().text == "the names up to this entry take more than 65536 bytes of memory");
}
