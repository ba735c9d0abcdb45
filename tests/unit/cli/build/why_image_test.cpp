// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/build/why_image.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("why --image follows the reasons that an image carries") {
    Program program;
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.run({"why", "--image", program.image(), "nfs", "/init"}) == 0);
    CHECK(program.out.str() == "nfs.ko <- nfs.modules:1 <- feature nfs\ninit <- every image\n");
    CHECK(program.run({"why", "--image", program.image(), "virtio_net"}) == 1);
    CHECK(program.out.str() ==
          "virtio_net: is built into kernel 6.1-test (kernel/drivers/net/virtio_net.ko) (it "
          "works without a module)\n");
    CHECK(program.run({"why", "--image", program.image(), "nsf.ko"}) == 1);
    CHECK(program.err.str() == "mkpxerd: nsf.ko: is not in " + program.image() + " (did you mean nfs.ko?)\n");
    CHECK(program.run({"why", "--image", program.image(), "xyzzyplugh"}) == 1);
    CHECK(program.err.str() == "mkpxerd: xyzzyplugh: is not in " + program.image() +
                                   " (a tree with its kernel can tell more: mkpxerd why --image " +
                                   program.image() + " --kernel-root DIR xyzzyplugh)\n");
    CHECK(program.run({"why", "--image", program.image(), "nfs", "--json"}) == 0);
    CHECK(program.out.str().find("\"why\": \"nfs.ko <- nfs.modules:1") != std::string::npos);
    CHECK(program.run({"why", "--image", program.path("none"), "nfs"}) == 1);
    CHECK(program.run({"why", "--image", program.image()}) == 2);
    CHECK(program.run({"why", "--image", program.image(), "nfs", "-F", "nfs"}) == 2);
}

TEST_CASE(
    "why --image looks for what the image lacks in a tree, by default of this machine, and in its features") {
    Program program;
    auto& dir = program.kernel.dir();
    program.kernel.module("kernel/drivers/block/disk.ko", {.modinfo = {"alias=block-major-9"}});
    program.kernel.module("kernel/fs/nfs/nfs.ko", {.modinfo = {"alias=fs-nfs"}});
    program.kernel.depmod();
    dir.write("share/mkpxerd/features.d/disk.modules", "kernel/drivers/block\n");
    dir.write("share/mkpxerd/features.d/shell.files", "/bin/sh\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    const auto why = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"why", "--image", program.image()});
        return program.run(words);
    };
    CHECK(why({"sh"}) == 1); // of this machine
    CHECK(program.out.str().ends_with("bin/sh), but not in this image (-F +shell brings it)\n"));
    CHECK(why({"disk", "block-major-9", "fs-nfs", "-b", program.root()}) == 1);
    CHECK(program.out.str() ==
          "disk: is in the kernel's tree (lib/modules/6.1-test/kernel/drivers/block/disk.ko), but not in "
          "this image "
          "(-F +disk brings it)\n"
          "block-major-9: means disk, which is in the kernel's tree "
          "(lib/modules/6.1-test/kernel/drivers/block/disk.ko), but not in this image (-F +disk brings it)\n"
          "nfs.ko <- nfs.modules:1 <- feature nfs\n");
    // Another kernel has other modules built in, but the same features.
    std::filesystem::rename(dir / "lib/modules/6.1-test", dir / "lib/modules/6.2-test");
    CHECK(why({"disk", "--kernel-root", program.root()}) == 1);
    CHECK(program.out.str() == "disk: is not in " + program.image() + " (-F +disk brings it)\n");
}

TEST_CASE("why --image names a tree to look in that is not there, as its hint asks for one") {
    Program program;
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    const std::string none = program.path("none");
    for (const auto& [option, name] :
         {std::pair("-b", "--basedir"), {"--kernel-root", "--kernel-root"}, {"-P", "--feature-dir"}}) {
        CHECK(program.run({"why", "--image", program.image(), option, none, "disk"}) == 1);
        CHECK(program.err.str() == "mkpxerd: " + std::string(name) + ": " + none + " is not a directory\n");
    }
}

TEST_CASE("why --image tells of a driver that --hardware left out, and names no feature that the image has") {
    Program program;
    for (const char* name : {"mine", "other"})
        program.kernel.module(
            std::string("kernel/drivers/net/ethernet/") + name + ".ko",
            {.modinfo = {name == std::string("mine") ? "alias=pci:v00001111d*" : "alias=pci:v00002222d*"}});
    program.kernel.depmod();
    program.kernel.dir().write("share/mkpxerd/features.d/net.modules", "kernel/drivers/net\n");
    program.kernel.dir().write("host.modalias", "pci:v00001111d00000001\n");
    REQUIRE(program.run({"-b", program.root(), "-F", "net", "--hardware", program.path("host.modalias"), "-o",
                         program.image()}) == 0);
    CHECK(program.run({"why", "--image", program.image(), "other"}) == 1);
    CHECK(program.out.str() ==
          "other: is a driver of kernel 6.1-test, but not in this image (feature net of this "
          "image names it, and --hardware left it out: build with the list of its machine, or "
          "without one)\n");
}
