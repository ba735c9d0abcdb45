// SPDX-License-Identifier: MIT
#include "mkpxerd/image/image_facts.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "elf_module.hpp"
#include "linted_image.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("an empty list of authorities counts as no list") {
    const TempDir dir;
    NewcBuilder b;
    b.file("init", "x", 0755);
    for (const char* directory : {"etc", "etc/ssl", "etc/ssl/certs"})
        b.directory(directory);
    b.file("etc/ssl/certs/ca-certificates.crt", "").trailer();
    CHECK_FALSE(ImageFacts::read(dir.write("x.img", b.text()))->has_certificates());
}

TEST_CASE("entries that the kernel loses are warnings") {
    const TempDir dir;
    const auto facts =
        ImageFacts::read(dir.write("x.img", NewcBuilder().file("no/directory", "x").trailer().text()));
    REQUIRE(facts);
    const std::string text = text_of(check_command_line("root=/dev/sda1", &*facts));
    CHECK(text.find("error: the image has no /init") != std::string::npos);
    CHECK(text.find("the kernel cannot unpack 'no/directory': its directory does not exist") !=
          std::string::npos);
}

TEST_CASE("drivers outside kernel/ are known by modules.order, or by what they register") {
    const std::string no_card = "needs the network: the image has no driver of a network card";
    const auto said = [](const ImageSpec& spec) {
        const ImageFacts facts = facts_of(spec);
        return text_of(
            check_command_line("ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0 root=/dev/sda1", &facts));
    };
    ImageSpec spec;
    spec.builtin = {"kernel/net/packet/af_packet.ko", "kernel/fs/ext4/ext4.ko"};
    spec.modules = {"updates/dkms/igb.ko", "extra/mpt3sas.ko"};
    CHECK(said(spec).find(no_card) != std::string::npos);
    CHECK(said(spec).find("a driver of disks") != std::string::npos);
    spec.order = "kernel/drivers/net/ethernet/intel/igb/igb.ko\nkernel/drivers/scsi/mpt3sas/mpt3sas.ko\n";
    CHECK(said(spec).find(no_card) == std::string::npos);
    CHECK(said(spec).find("a driver of disks") == std::string::npos);
    // An image of another generator, and a driver that no kernel has.
    ElfModule driver;
    driver.imports = {"kfree", "alloc_etherdev_mqs"};
    spec.contents = {{"updates/r8125.ko", driver.build()}};
    spec.modules = {};
    spec.order = {};
    CHECK(said(spec).find(no_card) == std::string::npos);
    spec.contents = {{"updates/r8125.ko.zst", compressed(driver.build(), wrap::Format::Zstd)}};
    CHECK(said(spec).find(no_card) == std::string::npos);
    driver.imports = {"kfree", "drm_dev_alloc"};
    spec.contents = {{"updates/card.ko", driver.build()},
                     {"updates/broken.ko", driver.build().substr(0, 100)}};
    CHECK(said(spec).find(no_card) != std::string::npos);
}

TEST_CASE("a module is present, absent, or not known to be built in") {
    using Presence = ImageFacts::Presence;
    const ImageSpec spec{.modules = {"kernel/fs/nfs/nfs-v4.ko.zst"},
                         .builtin = {"kernel/net/packet/af_packet.ko"}};
    const ImageFacts facts = facts_of(spec);
    CHECK(facts.module("nfs_v4") == Presence::Present);
    CHECK(facts.module("nfs-v4") == Presence::Present);
    CHECK(facts.module("af_packet") == Presence::Present);
    CHECK(facts.module("nfs") == Presence::Absent);
    ImageSpec silent = spec;
    silent.says_builtin = false;
    const ImageFacts unsure = facts_of(silent);
    CHECK(unsure.module("nfs_v4") == Presence::Present);
    CHECK(unsure.module("af_packet") == Presence::Unknown);
}

TEST_CASE("an image of another generator has no configuration of ours, and its files all the same") {
    const ImageFacts ours = facts_of({.files = {"sbin/apk"}, .tls = true});
    CHECK(ours.is_ours());
    CHECK(ours.config().tls);
    CHECK(ours.has_apk());
    const ImageFacts other = facts_of({.files = {"usr/bin/apk"}, .is_ours = false});
    CHECK_FALSE(other.is_ours());
    CHECK(other.has_file("init"));
    CHECK_FALSE(other.has_file("etc/none"));
}

TEST_CASE("a file that is not an image is an error") {
    const TempDir dir;
    CHECK_FALSE(ImageFacts::read(dir / "none"));
    CHECK_FALSE(ImageFacts::read(dir.write("x.img", "not an image")));
}

TEST_CASE("modules of another kernel, and empty ones, are none") {
    const auto said = [](const std::string& path, const std::string& content) {
        NewcBuilder b;
        b.file("init", "x", 0755);
        for (const char* directory :
             {"etc", "etc/mkpxerd", "lib", "lib/modules", "lib/modules/6.1", "lib/modules/5.10",
              "lib/modules/6.1/kernel", "lib/modules/5.10/kernel"})
            b.directory(directory);
        b.file("etc/mkpxerd/boot.conf", "mkpxerd=0\nkernel=6.1\nepoch=0\nentries=9\nfeatures=\ncmdline=\n");
        b.file("lib/modules/6.1/modules.builtin", "kernel/drivers/ata/ata_piix.ko\n");
        if (!path.empty()) b.file(path, content);
        b.file("lib/modules/6.1/modules.dep", "kernel/ext4.ko:\n");
        const TempDir dir;
        const auto facts = ImageFacts::read(dir.write("x.img", b.trailer().text())).value();
        return text_of(check_command_line("root=/dev/sda1 rootfstype=ext4", &facts));
    };
    const std::string without = said("", "");
    CHECK(without.find("ext4") != std::string::npos);
    CHECK(said("lib/modules/6.1/kernel/ext4.ko", "x") != without);
    CHECK(said("lib/modules/6.1/kernel/ext4.ko", "") == without);
    CHECK(said("lib/modules/5.10/kernel/ext4.ko", "x") == without);
}
