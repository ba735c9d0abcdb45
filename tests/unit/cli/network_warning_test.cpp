// SPDX-License-Identifier: MIT
// The image is for network boot, so a build says when nothing in it drives a card.
#include <catch2/catch.hpp>

#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("an image without any driver of a network card is warned about") {
    Program program;
    program.kernel.dir().write("lib/modules/6.1-test/modules.builtin", "kernel/fs/x.ko\n");
    const std::string warning =
        "mkpxerd: warning: the image: has no driver of a network card, and the kernel has "
        "none built in (add -F +network, or -F +virtio for virtual machines)\n";
    CHECK(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.err.str() == warning);
    program.kernel.dir().write("share/mkpxerd/features.d/network.files", "?none\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "+network"}) == 0);
    CHECK(program.err.str().ends_with("(the kernel's tree has no driver that feature network names)\n"));
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-n"}) == 0);
    CHECK(program.err.str().empty());
    program.kernel.module("kernel/drivers/net/ethernet/r8169.ko");
    program.kernel.depmod();
    program.kernel.dir().write("lib/modules/6.1-test/modules.builtin", "kernel/fs/x.ko\n");
    program.kernel.dir().write("share/mkpxerd/features.d/net.modules", "kernel/drivers/net\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.err.str() == warning);
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "+net", "-F", "+nfs"}) == 0);
    CHECK(program.err.str().empty());
}

TEST_CASE("a network driver in an archive beside the image counts") {
    Program program;
    program.kernel.dir().write("lib/modules/6.1-test/modules.builtin", "kernel/fs/x.ko\n");
    test::NewcBuilder archive;
    std::string directory = "lib/modules/6.1-test/kernel";
    for (const char* next : {"", "/drivers", "/net", "/ethernet"})
        archive.directory(directory += next);
    archive.file(directory + "/r8169.ko", "m");
    // Without it, the init would not load the driver.
    archive.file("lib/modules/6.1-test/modules.dep",
                 "kernel/drivers/net/ethernet/r8169.ko:\nkernel/fs/nfs/nfs.ko:\n");
    archive.trailer();
    const std::string file = program.kernel.dir().write("driver.cpio", archive.text()).string();
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--append", file}) == 0);
    CHECK(program.err.str() ==
          "mkpxerd: warning: " + file +
              ": lib/modules/6.1-test/modules.dep: replaces a list of the image's modules: those "
              "that it does not name are not found\n");
}
