// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/reason_chains.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

using Kind = Reason::Kind;

const Reason line{.kind = Kind::Pattern,
                  .feature = "nfs",
                  .origin = {.file = "/usr/share/mkpxerd/features.d/nfs.modules", .line = 1}};

struct Image {
    ImageTree tree;
    Image& add(std::string path, Reason reason) {
        ImageEntry& entry = tree.entries.emplace_back();
        entry.path = std::move(path);
        entry.reason = std::move(reason);
        return *this;
    }
    std::string chain(std::size_t entry, std::string profile = "") const {
        return ReasonChains(tree, std::move(profile)).chain(tree.entries[entry]);
    }
};

} // namespace

TEST_CASE("a chain leads from the entry to the line that somebody wrote") {
    Image image;
    image.add("lib/modules/6.1/kernel/net/sunrpc.ko.zst", {.kind = Kind::Depends, .from = "nfs_v4"})
        .add("lib/modules/6.1/kernel/fs/nfs-v4.ko", {.kind = Kind::SoftdepPre, .from = "nfs"})
        .add("lib/modules/6.1/kernel/fs/nfs.ko", line)
        .add("usr/lib/libx.so.1", {.kind = Kind::LinkTarget, .from = "lib/libx.so"})
        .add("lib/libx.so", {.kind = Kind::Library, .from = "bin/x"})
        .add("bin/x", {.kind = Kind::Pattern, .origin = {.file = "--files"}});
    CHECK(image.chain(0, "network") ==
          "sunrpc.ko.zst <- nfs-v4.ko (depends) <- nfs.ko (softdep-pre) <- nfs.modules:1 <- "
          "feature nfs <- profile network");
    CHECK(image.chain(3) == "usr/lib/libx.so.1 <- lib/libx.so (link-target) <- bin/x (library) <- --files");
}

TEST_CASE(
    "a chain ends at what every image has, at what is not in the image, and where it would be a circle") {
    Image image;
    image.add("init", {.kind = Kind::BuiltIn})
        .add("lib/modules/6.1/kernel/a.ko", {.kind = Kind::Depends, .from = "b"})
        .add("lib/modules/6.1/kernel/b.ko", {.kind = Kind::Weakdep, .from = "a"})
        .add("lib/firmware/x", {.kind = Kind::Firmware, .from = "gone"});
    CHECK(image.chain(0) == "init <- every image");
    CHECK(image.chain(1) == "a.ko <- b.ko (depends) <- a.ko (weakdep)");
    CHECK(image.chain(3) == "lib/firmware/x <- gone (firmware)");
}

TEST_CASE("a driver that --hardware keeps or leaves out says which list asked for what") {
    Image image;
    Reason reason = line;
    reason.machine = "rack1";
    image.add("lib/modules/6.1/kernel/nfs.ko", reason);
    CHECK(image.chain(0) == "nfs.ko <- nfs.modules:1 <- feature nfs <- machine rack1");
    const ReasonChains chains(image.tree, "p");
    CHECK(chains.chain(LeftOut{.module = "e1000", .reason = line}) ==
          "e1000 is left out by --hardware: no listed machine has a device for it <- nfs.modules:1 <- "
          "feature nfs <- "
          "profile p");
}

TEST_CASE("an entry is found by its path, as a module by any spelling, or by its file name") {
    Image image;
    image.add("lib/modules/6.1/kernel/nfs-v4.ko.gz", line).add("bin/tool", line).add("usr/bin/tool", line);
    const ReasonChains chains(image.tree, "");
    const auto* first = image.tree.entries.data();
    CHECK(chains.find("/bin//tool") == std::vector{first + 1});
    for (const char* module : {"nfs_v4", "nfs-v4", "nfs-v4.ko", "nfs_v4.ko.xz"})
        CHECK(chains.find(module) == std::vector{first});
    CHECK(chains.find("tool") == std::vector{first + 1, first + 2});
    CHECK(chains.find("none").empty());
    CHECK(chains.find("").empty());
}

TEST_CASE("packed firmware is found by the name that drivers ask for, and other files only by their own") {
    Image image;
    image.add("lib/firmware/tigon/tg3.bin.zst", line).add("etc/tg4.bin.xz", line);
    image.add("lib/firmware/a.fw", line).add("lib/firmware/old/a.fw.xz", line);
    const ReasonChains chains(image.tree, "");
    const auto* first = image.tree.entries.data();
    for (const char* firmware : {"tg3.bin", "/lib/firmware/tigon/tg3.bin", "tg3.bin.zst"})
        CHECK(chains.find(firmware) == std::vector{first});
    CHECK(chains.find("tg4.bin").empty());
    CHECK(chains.find("a.fw") == std::vector{first + 2});
}
