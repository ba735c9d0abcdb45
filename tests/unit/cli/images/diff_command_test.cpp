// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image_tool.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("diff names what changed, and exits 1 if the files differ") {
    ImageTool program;
    const auto a = program.write("a.img", NewcBuilder().file("x", "1").file("y", "22").trailer().text());
    const auto b = program.write("b.img", NewcBuilder().file("x", "11").file("z", "333").trailer().text());
    REQUIRE(program.run({"diff", a, b}) == 1);
    CHECK(
        program.out.str().find("~          +1 x: content\n-          -2 y\n+          +3 z\n1 added (+3 B)\n"
                               "1 removed (-2 B)\n1 changed (+1 B)\n") != std::string::npos);
    REQUIRE(program.run({"diff", a, a}) == 0);
    CHECK(program.out.str() == "the files are identical\n");
    REQUIRE(program.run({"diff", "--json", a, b}) == 1);
    CHECK(program.out.str().find("\"kind\": \"removed\"") != std::string::npos);
    CHECK(program.run({"diff", "--json", a, a}) == 0);
    CHECK(program.run({"diff", "-q", a, b}) == 1);
    CHECK(program.out.str().empty());
    CHECK(program.run({"diff", "-q", a, a}) == 0);
}

TEST_CASE("trees that are equal, or differ in their times alone, are told apart from identical files") {
    ImageTool program;
    const auto a = program.write("a.img", NewcBuilder().file("x", "1").file("y", "2").trailer().text());
    const auto b = program.write("b.img", NewcBuilder().file("y", "2").file("x", "1").trailer().text());
    REQUIRE(program.run({"diff", a, b}) == 1);
    CHECK(program.out.str().ends_with(
        "the trees are equal; the files differ in order, inode numbers or compression\n"));
    REQUIRE(program.run({"diff", "--json", a, b}) == 1);
    CHECK(program.out.str().find("\"identical\": false") != std::string::npos);
    const auto later = program.write(
        "c.img", NewcBuilder().add({.name = "x", .body = "1", .mtime = 5}).file("y", "2").trailer().text());
    REQUIRE(program.run({"diff", a, later}) == 1);
    CHECK(program.out.str().ends_with("1 differ only in their times\n"));
}

TEST_CASE("a second image that is bad is an error, and nothing is compared") {
    ImageTool program;
    const auto good = program.write("good.img", sample().text());
    const auto bad = program.write("bad.img", "no image at all");
    for (const auto& pair : {std::pair(good, bad), std::pair(bad, good)}) {
        CHECK(program.run({"diff", pair.first, pair.second}) == 2);
        CHECK(program.out.str().empty());
        CHECK(program.err.str().find("bad.img: ") != std::string::npos);
    }
}

TEST_CASE("a report that cannot be written is not taken for a difference") {
    ImageTool program;
    const auto image = program.write("a.img", sample().text());
    std::ostream broken(nullptr); // refuses every byte
    CHECK(cli::run({"diff", image, image},
                   {broken, program.err, program.dir / "share", program.dir / "init", ""}) == 2);
}
