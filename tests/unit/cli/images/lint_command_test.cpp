// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image_tool.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

TEST_CASE("lint exits 1 when the boot cannot work, and 0 when it only warns") {
    ImageTool program;
    CHECK(program.run({"lint", "ip=dhcp modlop=x"}) == 0);
    CHECK(program.out.str() ==
          "warning: modlop: unknown option (did you mean modloop?)\nerrors: 0, warnings: 1\n");
    CHECK(program.run({"lint", "pkgs=nano", program.write("x.img", sample().text())}) == 1);
    CHECK(program.out.str().find("errors: ") != std::string::npos);
    CHECK(program.run({"lint", "quiet", (program.dir / "none.img").string()}) == 1);
    CHECK(program.err.str().find("none.img: cannot open") != std::string::npos);
}

TEST_CASE("a command line of several words, and an image beside options of a build, are wrong usage") {
    ImageTool program;
    const auto image = program.write("x.img", sample().text());
    CHECK(program.run({"lint", "ip=dhcp", image, "quiet"}) == 2);
    CHECK(program.err.str().find("quote the kernel command line") != std::string::npos);
    CHECK(program.run({"lint", "ip=dhcp", image, "-F", "base"}) == 2);
    CHECK(program.err.str().find("not both") != std::string::npos);
}

TEST_CASE("a line that looks like an image is wrong usage, which says where a line comes from") {
    ImageTool program;
    const auto image = program.write("x.img", sample().text());
    CHECK(program.run({"lint", image}) == 2);
    CHECK(program.err.str().find("x.img' is a file or directory, not a command line (give the kernel command "
                                 "line, too: --cmdline") != std::string::npos);
    CHECK(program.run({"lint"}) == 2);
    CHECK(program.err.str().find("lint: no command line (") != std::string::npos);
    CHECK(program.run({"lint", "-F", "base"}) == 2);
    CHECK(program.err.str().find("lint: no command line (") != std::string::npos);
    CHECK(program.run({"lint", "--cmdline", "quiet", "ip=dhcp", image}) == 2);
    CHECK(program.err.str().find("two command lines: 'ip=dhcp'") != std::string::npos);
}

TEST_CASE("the line of --cmdline is checked as one without a name is") {
    ImageTool program;
    const auto image = program.write("x.img", sample().text());
    CHECK(program.run({"lint", "pkgs=nano", image}) == 1);
    const std::string said = program.out.str();
    CHECK(program.run({"lint", "--cmdline", "pkgs=nano", image}) == 1);
    CHECK(program.out.str() == said);
    CHECK(program.run({"lint", image, "--cmdline=pkgs=nano"}) == 1);
    CHECK(program.out.str() == said);
    CHECK(program.run({"lint", "--cmdline", ""}) == 0);
    CHECK(program.out.str() == "errors: 0, warnings: 0\n");
}

TEST_CASE("lint --json has each finding with its severity and kind") {
    ImageTool program;
    CHECK(program.run({"lint", "xyzzy debug root=/dev/mapper/x", "--json"}) == 1);
    const std::string said = program.out.str();
    CHECK(said.starts_with("{\n  \"errors\": 1,\n  \"warnings\": 1,\n  \"findings\": ["));
    for (const char* part : {"\"severity\": \"error\"", "\"kind\": \"init\"", "\"kind\": \"unknown\"",
                             "\"object\": \"xyzzy\"", "\"severity\": \"note\"", "\"hint\": "}) {
        INFO(part);
        CHECK(said.find(part) != std::string::npos);
    }
}

TEST_CASE("options baked into an image are linted by the build and, later, with the image") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-n", "--cmdline",
                       "mkpxerd.onfail=shel ip=dchp"}) == 1);
    CHECK(program.err.str().find("cmdline: mkpxerd.onfail=shel: must be shell") != std::string::npos);
    CHECK(program.err.str().find("cmdline: ip=dchp: 'dchp' is not a method") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(program.image()));
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-n", "--cmdline", "consol=ttyS0"}) == 0);
    CHECK(program.err.str().find("warning: --cmdline: consol: unknown option (did you mean console?)") !=
          std::string::npos);
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-n", "--cmdline", "xyzzy"}) == 0);
    CHECK(program.run({"lint", "quiet", program.image()}) == 1);
    CHECK(program.out.str().find("warning: xyzzy: is unknown") != std::string::npos);
}

TEST_CASE("a swapped order, and a file in place of a line, are wrong usage that says how") {
    ImageTool program;
    const auto image = program.write("x.img", sample().text());
    CHECK(program.run({"lint", image, "ip=dhcp quiet"}) == 2);
    CHECK(program.err.str().find("the kernel command line comes first, then the image (mkpxerd lint 'ip=dhcp "
                                 "quiet' ") != std::string::npos);
    const auto script = program.write("boot.ipxe", "#!ipxe\n");
    for (const auto& words : {std::vector<std::string>{"lint", script, image},
                              std::vector<std::string>{"lint", "--cmdline", script},
                              std::vector<std::string>{"lint", "--cmdline", script, image}}) {
        CHECK(program.run(words) == 2);
        CHECK(program.err.str().find("boot.ipxe' is a file or directory, not a command line") !=
              std::string::npos);
    }
}

TEST_CASE("a misspelt name of an image is no command line") {
    ImageTool program;
    for (const auto& words : {std::vector<std::string>{"lint", "nett.img"},
                              std::vector<std::string>{"lint", "--cmdline", "out/pxerd"}}) {
        CHECK(program.run(words) == 2);
        CHECK(program.err.str().find("is the name of a file, not a command line (") != std::string::npos);
    }
}
