// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image_tool.hpp"

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
