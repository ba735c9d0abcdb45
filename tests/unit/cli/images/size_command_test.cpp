// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image_tool.hpp"
#include "mkpxerd/contract/provenance.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("size shows features of an image that says why its entries are there") {
    ImageTool program;
    NewcBuilder b;
    b.file("init", "i", 0755).file("bin/busybox", std::string(1000, 'b'), 0755);
    b.file(std::string(provenance_path),
           write_provenance({{"bin/busybox", "pattern", "", "rescue", "rescue.files", 3}}));
    b.trailer();
    const auto path = program.write("x.img", b.text());
    REQUIRE(program.run({"size", path}) == 0);
    CHECK(program.out.str().find("by feature") != std::string::npos);
    CHECK(program.out.str().find("  rescue ") != std::string::npos);
    CHECK(program.out.str().find("is exact: nothing is compressed") != std::string::npos);
    REQUIRE(program.run({"size", "--json", path}) == 0);
    CHECK(program.out.str().find("\"name\": \"rescue\"") != std::string::npos);
    REQUIRE(program.run({"size", program.write("y.img", compressed_xz())}) == 0);
    CHECK(program.out.str().find("the image does not say which feature its entries come from") !=
          std::string::npos);
    CHECK(program.run(
              {"size",
               program.write("z.img",
                             NewcBuilder().file(std::string(provenance_path), "x").trailer().text())}) == 1);
    CHECK(program.err.str().find("etc/mkpxerd/reasons:1: 1 fields instead of 5") != std::string::npos);
}

TEST_CASE("the size of a file that is not an image is an error") {
    ImageTool program;
    CHECK(program.run({"size", program.write("x.img", "no image at all")}) == 1);
    CHECK(program.out.str().empty());
    CHECK(program.err.str().find("x.img: is text, not an initrd") != std::string::npos);
}

TEST_CASE("size has a column of plain sizes if modules are compressed") {
    ImageTool program;
    NewcBuilder b;
    const std::string module = "lib/modules/6.1/kernel/fs/m.ko";
    const auto path = program.write("x.img", b.file(module + ".xz", compressed_xz()).trailer().text());
    REQUIRE(program.run({"size", path}) == 0);
    CHECK(program.out.str().find("in file   unpacked      plain entries\n") != std::string::npos);
    CHECK(program.out.str().find("\"plain\" is") != std::string::npos);
    REQUIRE(program.run({"size", "--json", path}) == 0);
    CHECK(program.out.str().find("\"plain\": ") != std::string::npos);
    NewcBuilder plain;
    REQUIRE(program.run({"size", program.write("y.img", plain.file(module, "m").trailer().text())}) == 0);
    CHECK(program.out.str().find("plain") == std::string::npos);
}
