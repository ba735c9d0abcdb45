// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "linted_image.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

const std::string ext4 = "kernel/fs/ext4/ext4.ko";
const std::string sd_mod = "kernel/drivers/scsi/sd_mod.ko";

} // namespace

TEST_CASE("a root on a disk needs a driver of such disks") {
    const auto [line, spec, expected] = GENERATE(table<std::string, ImageSpec, std::string>({
        {"root=/dev/sda1",
         {.modules = {sd_mod, "kernel/drivers/ata/libata.ko"}, .builtin = {ext4}},
         "error: root: needs a driver of disks named sd*: the image has none (build with feature ata, scsi "
         "or usb)\n"},
        {"root=/dev/sda1", {.modules = {sd_mod, "kernel/drivers/usb/storage/uas.ko"}, .builtin = {ext4}}, ""},
        {"root=/dev/sda1",
         {.modules = {"kernel/drivers/usb/storage/uas.ko"}, .builtin = {ext4}},
         "error: root: needs the module sd_mod: the image has none (build with feature ata, scsi or usb)\n"},
        {"root=/dev/nvme0n1p1",
         {},
         "error: root: needs a driver of disks named nvme*: the image has none (build with feature nvme)\n"},
        {"root=/dev/nvme0n1p1", {.builtin = {"kernel/drivers/nvme/host/nvme.ko", ext4}}, ""},
        {"root=/dev/vda1",
         {},
         "error: root: needs a driver of disks named vd*: the image has none (build with feature virtio)\n"},
        {"root=/dev/vda1", {.modules = {"kernel/drivers/block/virtio_blk.ko.xz"}}, ""},
        {"root=/dev/mmcblk0p2",
         {.modules = {"kernel/drivers/mmc/core/mmc_block.ko"}},
         "error: root: needs a driver of disks named mmcblk*: the image has none (build with feature mmc)\n"},
        {"root=UUID=0-1", {}, ""},
        {"root=LABEL=root",
         {.modules = {"kernel/drivers/mtd/mtd.ko"}, .builtin = {ext4}},
         "warning: root: needs a driver of disks: the image has none (build with the feature of the "
         "controller: ata, scsi, nvme, usb, mmc, virtio)\n"},
        {"root=/dev/sda1",
         {.modules = {sd_mod, ext4}, .says_builtin = false},
         "warning: root: needs a driver of disks named sd*: the image has none, and does not say what "
         "is built into the kernel (build with feature ata, scsi or usb)\n"},
    }));
    const ImageFacts facts = facts_of(spec);
    INFO(line);
    CHECK(text_of(check_command_line(line, &facts)) == expected);
}

TEST_CASE("a medium on a disk needs a driver of such disks, and the file system that the line names") {
    const ImageFacts none = facts_of({.builtin = {}, .files = {"sbin/apk"}});
    const ImageFacts usb =
        facts_of({.modules = {"kernel/drivers/usb/storage/uas.ko", sd_mod}, .files = {"sbin/apk"}});
    for (const auto& [line, option] : {std::pair("alpine_dev=sda1", "alpine_dev"),
                                       {"ovl_dev=sda1", "ovl_dev"},
                                       {"apkovl=sda1:x.apkovl.tar.gz", "apkovl"}}) {
        INFO(line);
        CHECK(text_of(check_command_line(line, &none)) ==
              "error: " + std::string(option) +
                  ": needs a driver of disks named sd*: the image has none (build with feature ata, scsi or "
                  "usb)\n");
        CHECK(text_of(check_command_line(line, &usb)).empty());
    }
    CHECK(text_of(check_command_line("alpine_dev=sda1:vfat", &usb)) ==
          "error: alpine_dev: needs the file system vfat: the image has no module vfat (build with feature "
          "usb)\n");
}

TEST_CASE("an image for virtual machines alone says so of a disk that could be real") {
    const ImageFacts facts = facts_of(
        {.modules = {"kernel/drivers/scsi/virtio_scsi.ko", "kernel/drivers/block/virtio_blk.ko", sd_mod},
         .builtin = {ext4}});
    CHECK(text_of(check_command_line("root=/dev/sda1", &facts)) ==
          "warning: root: the image drives only disks of virtual machines: virtio_scsi (for any other disk, "
          "build "
          "with feature ata, scsi or usb)\n");
    CHECK(
        text_of(check_command_line("root=LABEL=r", &facts)) ==
        "note: root: the image drives only disks of virtual machines: virtio_scsi, virtio_blk (for any other "
        "disk, build with feature ata, scsi, nvme or usb)\n");
    CHECK(text_of(check_command_line("root=/dev/vda", &facts)).empty());
}

TEST_CASE("a root on a disk needs a file system, even when the line names none") {
    const auto told = [](const std::string& line, ImageSpec spec) {
        for (const char* module : {"kernel/drivers/ata/ahci.ko", "kernel/drivers/scsi/sd_mod.ko"})
            spec.modules.emplace_back(module);
        const ImageFacts facts = facts_of(spec);
        return text_of(check_command_line(line, &facts));
    };
    const std::string hint = " (build with the feature of the file system: ext4, xfs, btrfs, f2fs)\n";
    const std::string squashfs = "kernel/fs/squashfs/squashfs.ko";
    CHECK(told("root=/dev/sda1", {.builtin = {}}) ==
          "error: root: needs a file system of disks: the image has none" + hint);
    CHECK(told("root=/dev/sda1", {.builtin = {}, .says_builtin = false}) ==
          "warning: root: needs a file system of disks: the image has none, and does not say what is built "
          "into "
          "the kernel" +
              hint);
    CHECK(told("root=/dev/sda1", {.modules = {squashfs}, .builtin = {}}) ==
          "warning: root: the image reads only squashfs from a disk" + hint);
    CHECK(told("root=/dev/sda1 rootfstype=squashfs", {.modules = {squashfs}, .builtin = {}}).empty());
    CHECK(told("root=/dev/sda1", {.modules = {"kernel/fs/xfs/xfs.ko"}, .builtin = {}}).empty());
}
