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
    CHECK(program.err.str() ==
          "mkpxerd: nsf.ko: is not in this image, and kernel 6.1-test has no such module "
          "(did you mean nfs.ko?)\n");
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

TEST_CASE("why tells where names are that the image lacks, exits 1, and names the next step") {
    Program program;
    program.kernel.module("kernel/drivers/net/ethernet/r8169.ko", {.modinfo = {"firmware=rtl/a.fw"}});
    program.kernel.depmod();
    program.kernel.dir().write("share/mkpxerd/features.d/net.modules", "kernel/drivers/net\n");
    program.kernel.dir().write("lib/firmware/rtl/a.fw", "a");
    program.kernel.dir().write("lib/firmware/odd.bin", "a");
    const std::string in_tree =
        "r8169: is in the kernel's tree "
        "(lib/modules/6.1-test/kernel/drivers/net/ethernet/r8169.ko), but not in this image "
        "(-F +net brings it)";
    CHECK(program.run({"why", "virtio_net", "r8169", "a.fw", "odd.bin", "nfs", "-b", program.root()}) == 1);
    CHECK(program.out.str() ==
          "virtio_net: is built into kernel 6.1-test (kernel/drivers/net/virtio_net.ko) (it works without a "
          "module)\n" +
              in_tree +
              "\na.fw: is in the tree (/lib/firmware/rtl/a.fw) for the driver r8169, which is not in this "
              "image "
              "(-F +net brings it)\nodd.bin: is in the tree (/lib/firmware/odd.bin), but no driver of kernel "
              "6.1-test asks for it (no feature has it: put the line /lib/firmware/odd.bin into a list, "
              "/etc/mkinitfs/features.d/NAME.files, and add -F +NAME)\n"
              "nfs.ko <- nfs.modules:1 <- feature nfs <- profile network\n");
    CHECK(program.err.str().empty());
    CHECK(program.run({"why", "r8169", "-b", program.root(), "--json"}) == 1);
    CHECK(program.out.str().find("\"why\": \"" + in_tree) != std::string::npos);
    // Without its modules, nothing of the kernel is asked.
    CHECK(program.run({"why", "r8169", "-b", program.root(), "-n"}) == 1);
    CHECK(program.err.str() ==
          "mkpxerd: r8169: is not in this image: --no-kernel leaves out all modules and firmware\n");
    CHECK(program.run({"why", "gone.fw", "-b", program.root()}) == 1);
    CHECK(program.err.str() ==
          "mkpxerd: gone.fw: is not in this image, and no driver of kernel 6.1-test asks for such "
          "firmware\n");
}

TEST_CASE("why finds what is in the image by an alias, and through links") {
    Program program;
    program.kernel.module("kernel/fs/other/other.ko", {.modinfo = {"alias=fs-other"}});
    program.kernel.depmod();
    auto& dir = program.kernel.dir();
    dir.write("usr/bin/tool", "#!/bin/tool\n");
    std::filesystem::create_symlink("usr/bin", dir.path() / "bin");
    dir.write("share/mkpxerd/features.d/nfs.modules", "kernel/fs\n");
    dir.write("share/mkpxerd/features.d/nfs.files", "bin/tool\n");
    REQUIRE(program.run({"why", "fs-other", "/bin/tool", "-b", program.root()}) == 0);
    CHECK(program.out.str().starts_with("other.ko <- nfs.modules:1"));
    CHECK(program.out.str().find("usr/bin/tool <- nfs.files:1") != std::string::npos);
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.run({"why", "--image", program.image(), "/bin/tool"}) == 0);
    CHECK(program.out.str().starts_with("usr/bin/tool <- nfs.files:1"));
    // One link leads to the next.
    std::filesystem::create_symlink("bin", dir.path() / "sbin");
    dir.write("share/mkpxerd/features.d/nfs.files", "sbin/tool\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.run({"why", "--image", program.image(), "/sbin/tool"}) == 0);
    CHECK(program.out.str().starts_with("usr/bin/tool <- nfs.files:1"));
}
