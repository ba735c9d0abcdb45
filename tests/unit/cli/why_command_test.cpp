// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("why names the chain back to the feature and the profile") {
    Program program;
    CHECK(program.run({"why", "nfs", "-b", program.root(), "--profile", "network"}) == 0);
    CHECK(program.out.str() == "nfs.ko <- nfs.modules:1 <- feature nfs <- profile network\n");
    CHECK(program.run({"why", "/init", "-b", program.root()}) == 0);
    CHECK(program.out.str() == "init <- every image\n");
    CHECK(program.run({"why", "nsf.ko", "-b", program.root()}) == 1);
    CHECK(program.err.str() == "mkpxerd: nsf.ko: is not in this image (did you mean nfs.ko?)\n");
    CHECK(program.run({"why"}) == 2);
}

TEST_CASE("why names the drivers that --hardware left out, one or all of them") {
    Program program;
    test::KernelTree& kernel = program.kernel;
    kernel.module("kernel/drivers/net/ethernet/mine.ko", {.modinfo = {"alias=pci:v00001111d*"}});
    kernel.module("kernel/drivers/net/ethernet/other.ko", {.modinfo = {"alias=pci:v00002222d*"}});
    kernel.depmod();
    kernel.dir().write("share/mkpxerd/features.d/net.modules", "kernel/drivers/net\n");
    kernel.dir().write("host.modalias", "pci:v00001111d00000001\n");
    const std::vector<std::string> build = {"-b",  program.root(), "-F",
                                            "net", "--hardware",   program.root() + "/host.modalias"};
    const auto why = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "why");
        words.insert(words.end(), build.begin(), build.end());
        return program.run(words);
    };
    CHECK(why({"mine", "other.ko"}) == 0);
    const std::string left_out = "other is left out by --hardware: no listed machine has a device for it <- "
                                 "net.modules:1 <- feature net\n";
    CHECK(program.out.str() == "mine.ko <- net.modules:1 <- feature net <- machine host\n" + left_out);
    CHECK(why({}) == 0);
    CHECK(program.out.str() == left_out);
    CHECK(why({"none"}) == 1);
    CHECK(why({"other", "--json"}) == 0);
    CHECK(program.out.str().find("\"path\": \"\"") != std::string::npos);
}

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
            "  }\n"
            "]\n");
    CHECK(program.err.str() == "mkpxerd: nsf.ko: is not in this image (did you mean nfs.ko?)\n");
}
