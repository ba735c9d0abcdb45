// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <unistd.h>

#include "image_tool.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("cat prints files in the order asked for, the last archive's where there are several") {
    ImageTool program;
    std::string file = sample().text() + compressed_gzip();
    file += std::string(4 - file.size() % 4, '\0') + NewcBuilder().file("etc/a", "two\n").trailer().text();
    const auto path = program.write("x.img", file);
    REQUIRE(program.run({"cat", path, "hello", "/etc/l", "init", "hello"}) == 0);
    CHECK(program.out.str() == std::string(hello_text) + "two\n#!" + std::string(hello_text));
    CHECK(program.run({"cat", path, "etc"}) == 1);
    CHECK(program.err.str().find("'etc' is not a regular file") != std::string::npos);
    CHECK(program.run({"cat", path, "etc/b", "hullo"}) == 1);
    CHECK(program.err.str().find("no entry 'hullo' (did you mean hello?)") != std::string::npos);
}

TEST_CASE("extract unpacks into the directory named") {
    ImageTool program;
    const auto directory = program.dir / "tree";
    REQUIRE(program.run({"extract", program.write("x.img", two_parts()), "-C", directory.string(), "etc",
                         "hello"}) == 0);
    CHECK(read_file(directory / "etc/a").value() == "one\n");
    CHECK(read_file(directory / "hello").value() == hello_text);
    CHECK_FALSE(std::filesystem::exists(directory / "init"));
    CHECK(program.out.str() == "4 entries extracted to " + directory.string() + "\n");
}

TEST_CASE("extract says what it does not write, and fails when that was asked for") {
    ImageTool program;
    NewcBuilder b;
    b.directory("run").file("run/f", "text").add({.name = "run/socket", .mode = 0140755});
    b.file("none/lost", "x").trailer();
    const auto image = program.write("x.img", b.text());
    const std::string directory = (program.dir / "tree").string();
    const auto extract = [&](const std::vector<std::string>& paths) {
        std::vector<std::string> arguments = {"extract", image, "-C", directory};
        arguments.insert(arguments.end(), paths.begin(), paths.end());
        return program.run(arguments);
    };
    const std::string socket =
        "mkpxerd: warning: run/socket: not extracted: sockets and unknown types are not created\n";
    const std::string lost = "mkpxerd: warning: none/lost: not extracted: its directory does not exist\n";
    CHECK(extract({}) == 1);
    CHECK(program.err.str() == socket + lost);
    CHECK(program.out.str() == "2 entries extracted to " + directory + ", 2 not\n");
    CHECK(read_file(program.dir / "tree/run/f").value() == "text");
    CHECK(extract({"run"}) == 1);
    CHECK(program.err.str() == socket);
    CHECK(extract({"*/f", "none/*"}) == 1);
    CHECK(program.err.str().find("no entry 'none/*'") != std::string::npos);
    CHECK(extract({"none/lost"}) == 1);
    CHECK(program.err.str().find(
              "no entry 'none/lost' (the archive contains it, but its directory does not exist)") !=
          std::string::npos);
    CHECK(extract({"zzzzz"}) == 1); // -C was given
    CHECK(program.err.str().find("-C NAME") == std::string::npos);
    CHECK(program.run({"extract", image, "zzzzz"}) == 1);
    CHECK(program.err.str().find("no entry 'zzzzz' (-C NAME unpacks into a directory)") != std::string::npos);
    CHECK(extract({"run/f"}) == 0);
    CHECK(program.err.str().empty());
}

TEST_CASE("extract says which devices and set-id bits it left in the image, and --preserve takes them") {
    ImageTool program;
    NewcBuilder b;
    b.add({.name = "su", .mode = 0104755, .body = "x"});
    b.add({.name = "null", .mode = 0020666, .major = 1, .minor = 3}).trailer();
    const auto image = program.write("x.img", b.text());
    const auto directory = program.dir / "tree";
    REQUIRE(program.run({"extract", image, "-C", directory.string()}) == 0);
    CHECK(program.err.str() == "mkpxerd: note: device nodes left out (1): null (--preserve creates them)\n"
                               "mkpxerd: note: set-id bits left out (1): su (--preserve keeps them)\n");
    CHECK((std::filesystem::status(directory / "su").permissions() & std::filesystem::perms(07700)) ==
          std::filesystem::perms(0700));
    program.run({"extract", image, "-C", directory.string(), "--preserve"});
    CHECK(program.err.str().find("note: ") == std::string::npos);
    CHECK((std::filesystem::status(directory / "su").permissions() & std::filesystem::perms::set_uid) ==
          (::geteuid() == 0 ? std::filesystem::perms::set_uid : std::filesystem::perms::none));
}

TEST_CASE("what extract does not write is counted where it is too much to tell") {
    ImageTool program;
    NewcBuilder b;
    for (int i = 0; i < 103; ++i)
        b.file("none/" + std::to_string(i), "x");
    CHECK(program.run({"extract", program.write("x.img", b.trailer().text()), "-C",
                       (program.dir / "tree").string()}) == 1);
    CHECK(std::ranges::count(program.err.str(), '\n') == 101);
    CHECK(program.err.str().ends_with("mkpxerd: warning: 3 more are not extracted\n"));
}

TEST_CASE("extract prints its report as JSON, and with --quiet only what fails") {
    ImageTool program;
    NewcBuilder b;
    b.file("etc/lost", "x").add({.name = "su", .mode = 0104755, .body = "x"});
    b.add({.name = "null", .mode = 0020666, .major = 1, .minor = 3}).trailer();
    const auto image = program.write("x.img", b.text());
    const std::string directory = (program.dir / "tree").string();
    CHECK(program.run({"extract", "--json", image, "-C", directory}) == 1);
    for (const char* part : {"\"entries\": 1", "\"devices_left_out\": [\n    \"null\"\n  ]",
                             "\"set_id_bits_left_out\": [\n    \"su\"\n  ]", "\"object\": \"etc/lost\""})
        CHECK_THAT(program.out.str(), Catch::Contains(part));
    CHECK(program.run({"extract", "-q", image, "-C", directory}) == 1);
    CHECK(program.out.str().empty());
    CHECK(program.err.str() == "mkpxerd: warning: etc/lost: not extracted: its directory does not exist\n");
    CHECK(program.run({"extract", "-q", image, "-C", directory, "su"}) == 0);
    CHECK(program.err.str().empty());
}

TEST_CASE("cat prints a compressed module as it lies there, and decompressed by its plain path or name") {
    ImageTool program;
    NewcBuilder b;
    for (const char* directory : {"lib", "lib/modules", "lib/modules/6.1"})
        b.directory(directory);
    b.file("lib/modules/6.1/nfs.ko.xz", compressed_xz())
        .file("lib/modules/6.1/bad.ko.xz", compressed_xz().substr(0, 90));
    const auto path = program.write("x.img", b.file("a", "text").trailer().text());
    REQUIRE(program.run({"cat", path, "lib/modules/6.1/nfs.ko.xz"}) == 0);
    CHECK(program.out.str() == compressed_xz());
    REQUIRE(program.run({"cat", path, "a", "/lib/modules/6.1/nfs.ko", "a"}) == 0);
    CHECK(program.out.str().size() == 512 + 8);
    CHECK(program.out.str().starts_with("text070701"));
    CHECK(program.run({"cat", path, "lib/modules/6.1/bad.ko"}) == 1);
    CHECK(program.err.str().find("lib/modules/6.1/bad.ko.xz: the xz stream at byte 0 has no end") !=
          std::string::npos);
    for (const char* name : {"nfs", "nfs.ko"}) {
        REQUIRE(program.run({"cat", path, name}) == 0);
        CHECK(program.out.str().starts_with("070701"));
    }
    REQUIRE(program.run({"cat", path, "nfs.ko.xz"}) == 0);
    CHECK(program.out.str() == compressed_xz());
    CHECK(program.run({"cat", path, "nfs.ko.zst"}) == 1);
    CHECK(program.run({"cat", path, "sunrpc"}) == 1);
}
