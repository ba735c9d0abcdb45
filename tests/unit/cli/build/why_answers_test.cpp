// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/why_answers.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("why --json tells the same as JSON") {
    Program program;
    CHECK(program.run({"why", "nfs", "/init", "nsf.ko", "-b", program.root(), "--json"}) == 1);
    CHECK(
        program.out.str() ==
        "[\n"
        "  {\n"
        "    \"asked\": \"nfs\",\n"
        "    \"path\": \"lib/modules/6.1-test/kernel/fs/nfs/nfs.ko\",\n"
        "    \"bytes\": " +
            std::to_string(std::filesystem::file_size(program.kernel.directory() / "kernel/fs/nfs/nfs.ko")) +
            ",\n"
            "    \"why\": \"nfs.ko <- nfs.modules:1 <- feature nfs <- profile network\"\n"
            "  },\n"
            "  {\n"
            "    \"asked\": \"/init\",\n"
            "    \"path\": \"init\",\n"
            "    \"bytes\": 4,\n"
            "    \"why\": \"init <- every image\"\n"
            "  },\n"
            "  {\n"
            "    \"asked\": \"nsf.ko\",\n"
            "    \"path\": \"\",\n"
            "    \"bytes\": 0,\n"
            "    \"why\": \"nsf.ko: is not in this image, and kernel 6.1-test has no such module (did you "
            "mean nfs.ko?)\",\n"
            "    \"nearest\": [\n"
            "      \"nfs.ko\"\n"
            "    ]\n"
            "  }\n"
            "]\n");
    CHECK(program.err.str().empty());
}
