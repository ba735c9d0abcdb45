// SPDX-License-Identifier: MIT
#include "mkpxerd/image/recorded_reasons.hpp"

#include <catch2/catch.hpp>

#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using mkpxerd::test::NewcBuilder;

namespace {

NewcBuilder image_with(const std::string& reasons) {
    NewcBuilder b;
    b.file("init", "x", 0755);
    for (const char* directory : {"etc", "etc/mkpxerd", "lib", "lib/modules", "lib/modules/6.1"})
        b.directory(directory);
    b.file("etc/mkpxerd/boot.conf", "mkpxerd=0\nkernel=6.1\nepoch=0\nentries=9\nfeatures=\ncmdline=\n");
    if (!reasons.empty()) b.file("etc/mkpxerd/reasons", reasons);
    b.file("etc/mkpxerd/absent-drivers", "e1000e network\npci:v00008086*\n");
    b.file("lib/modules/6.1/modules.builtin", "kernel/drivers/net/virtio_net.ko\n");
    b.file("lib/modules/6.1/modules.alias",
           "# Aliases\nalias fs-nfs nfs\nalias rpc-* sunrpc\nalias fs-x gone\n");
    b.file("lib/modules/6.1/nfs.ko", "12345").file("lib/modules/6.1/sunrpc.ko", "1");
    b.directory("lib/firmware").file("lib/firmware/tg3.bin.zst", "1").file("etc/tg4.bin.xz", "1");
    return b.trailer();
}

const std::string lines = "init\tbuiltin\t\t\t\n"
                          "lib/modules/6.1/nfs.ko\tpattern\t\tnfs\tfeatures.d/nfs.modules:1\n"
                          "lib/modules/6.1/sunrpc.ko\tdepends\tnfs\t\t\n";

} // namespace

TEST_CASE("an image tells the chain of reasons of a path, a module or a file name") {
    const test::TempDir dir;
    const auto reasons = RecordedReasons::read(dir.write("x.img", image_with(lines).text())).value();
    const auto said = [&](const char* wanted) {
        const auto found = reasons.find(wanted);
        return found.empty() ? "" : found.front().why;
    };
    CHECK(said("nfs") == "nfs.ko <- nfs.modules:1 <- feature nfs");
    CHECK(said("/lib/modules/6.1/sunrpc.ko") ==
          "sunrpc.ko <- nfs.ko (depends) <- nfs.modules:1 <- feature nfs");
    CHECK(said("init") == "init <- every image");
    CHECK(reasons.find("nfs.ko").front().bytes == 5);
    CHECK(reasons.find("none").empty());
    CHECK(said("fs-nfs") == "nfs.ko <- nfs.modules:1 <- feature nfs");
    CHECK(said("rpc_7") == said("sunrpc"));
    CHECK(reasons.find("fs-x").empty());
    for (const char* firmware : {"tg3.bin", "/lib/firmware/tg3.bin", "tg3.bin.zst"})
        CHECK(reasons.find(firmware).front().path == "lib/firmware/tg3.bin.zst");
    CHECK(reasons.find("tg4.bin").empty());
    CHECK(reasons.builtin("virtio-net") == "kernel/drivers/net/virtio_net.ko");
    CHECK(reasons.builtin("nfs").empty());
    CHECK(reasons.absent_driver("e1000e.ko") == "network");
    CHECK(reasons.absent_driver("nfs").empty());
    CHECK(reasons.kernel_version() == "6.1");
}

TEST_CASE("what another part brings has no recorded reason, also in the place of a file that has one") {
    const test::TempDir dir;
    NewcBuilder b = image_with(lines);
    b.file("lib/modules/6.1/nfs.ko", "1").file("etc/motd", "m").trailer();
    const auto reasons = RecordedReasons::read(dir.write("x.img", b.text())).value();
    CHECK(reasons.find("nfs").front().why == "nfs.ko <- part 2 of the image, which records no reasons");
    CHECK(reasons.find("motd").front().why == "etc/motd <- part 2 of the image, which records no reasons");
}

TEST_CASE("an image without reasons, or with damaged ones, is an error; a loop of reasons ends") {
    const test::TempDir dir;
    CHECK(RecordedReasons::read(dir.write("none.img", image_with("").text()))
              .error()
              .text()
              .find("does not say why its entries are there (only images of mkpxerd do, in "
                    "/etc/mkpxerd/reasons)") != std::string::npos);
    CHECK_FALSE(RecordedReasons::read(dir.write("bad.img", image_with("one field\n").text())));
    const std::string loop = "lib/modules/6.1/nfs.ko\tdepends\tsunrpc\t\t\n"
                             "lib/modules/6.1/sunrpc.ko\tdepends\tnfs\t\t\n";
    const auto reasons = RecordedReasons::read(dir.write("loop.img", image_with(loop).text())).value();
    CHECK(reasons.find("nfs").front().why == "nfs.ko <- sunrpc.ko (depends) <- nfs.ko (depends)");
}
