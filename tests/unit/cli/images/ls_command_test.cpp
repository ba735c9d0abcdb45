// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image_tool.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("ls lists every part with its place, compression and entries") {
    ImageTool program;
    REQUIRE(program.run({"ls", program.write("x.img", two_parts())}) == 0);
    const std::size_t plain = sample().text().size();
    CHECK(program.out.str() == "# part 1: none at byte 0, 6 entries, " + std::to_string(plain) +
                                   " bytes\ninit\netc\netc/a\netc/l\ndev\ndev/null\n# part 2: gzip at byte " +
                                   std::to_string(plain) +
                                   ", 2 entries, 115 bytes, 512 unpacked\n.\nhello\n");
    CHECK(program.err.str().empty());
}

TEST_CASE("ls -l shows modes, owners, sizes, times and targets") {
    ImageTool program;
    REQUIRE(program.run({"ls", "-l", program.write("x.img", sample().text())}) == 0);
    const std::string text = program.out.str();
    CHECK(text.find("-rwxr-xr-x  1     0     0          2 1970-01-01 00:00 init\n") != std::string::npos);
    CHECK(text.find("lrwxrwxrwx  1     0     0          1 1970-01-01 00:00 etc/l -> a\n") !=
          std::string::npos);
    CHECK(text.find("crw-rw-rw-  1     0     0       1, 3 1970-01-02 00:00 dev/null\n") != std::string::npos);
}

TEST_CASE("ls --json holds the same as JSON") {
    ImageTool program;
    REQUIRE(program.run({"ls", "--json", program.write("x.img", two_parts())}) == 0);
    const std::string text = program.out.str();
    CHECK(text.starts_with("[\n  {\n    \"image\": \""));
    CHECK(text.find("\"compression\": \"gzip\"") != std::string::npos);
    CHECK(text.find("\"path\": \"etc/l\",\n            \"type\": \"l\",\n            \"mode\": \"0777\"") !=
          std::string::npos);
    CHECK(text.find("\"target\": \"a\"") != std::string::npos);
}

TEST_CASE("ls goes on after a bad image, and fails") {
    ImageTool program;
    const auto good = program.write("good.img", sample().text());
    const auto bad = program.write("bad.img", "no image at all");
    CHECK(program.run({"ls", bad, good, program.write("cut.img", sample().text().substr(0, 300))}) == 1);
    CHECK(program.out.str().find("# " + good + "\n# part 1") != std::string::npos);
    CHECK(program.err.str().find("bad.img: is text, not an initrd\n") != std::string::npos);
    CHECK(program.err.str().find("cut.img: the archive ends within the entry at byte ") != std::string::npos);
}

TEST_CASE("ls -l and --json show the plain size of a compressed module") {
    ImageTool program;
    NewcBuilder b;
    const auto path =
        program.write("x.img", b.file("m.ko.xz", compressed_xz()).file("a", "x").trailer().text());
    REQUIRE(program.run({"ls", "-l", path}) == 0);
    CHECK(program.out.str().find(" m.ko.xz (512 plain)\n") != std::string::npos);
    CHECK(program.out.str().find(" a\n") != std::string::npos);
    REQUIRE(program.run({"ls", path}) == 0);
    CHECK(program.out.str().find("\nm.ko.xz\na\n") != std::string::npos);
    REQUIRE(program.run({"ls", "--json", path}) == 0);
    CHECK(program.out.str().find("\"plain\": 512") != std::string::npos);
    CHECK(program.out.str().find("\"plain\"") == program.out.str().rfind("\"plain\""));
}
