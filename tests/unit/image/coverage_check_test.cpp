// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "linted_image.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("an image that holds everything has no findings") {
    const ImageFacts facts =
        facts_of({.modules = network_modules, .files = {"sbin/apk", "etc/ssl/certs/ca-certificates.crt"}});
    for (const char* line : {"ip=dhcp root=nfs:10.0.0.1:/r",
                             "ip=dhcp alpine_dev=nfs:h:/p modloop=https://h/m alpine_repo=https://h/r pkgs=a",
                             "root=https://h/live.squashfs overlaytmpfs modules=loop,squashfs"}) {
        INFO(line);
        CHECK(text_of(check_command_line(line, &facts)).empty());
    }
}

TEST_CASE("what an image lacks for a command line") {
    const auto [line, spec, expected] = GENERATE(table<std::string, ImageSpec, std::string>({
        {"root=nfs:h:/r",
         {.modules = {network_modules[0]}},
         "error: root: needs NFS: the image has no module nfs (build with feature nfs)\n"
         "error: root: needs a version of NFS: the image has no module nfsv3 (build with feature nfs)\n"},
        {"root=nfs:h:/r",
         {.modules = {network_modules[1], network_modules[2]}},
         "error: root: needs the network: the image has no driver of a network card (build with feature "
         "network or virtio)\n"},
        {"ip=dhcp root=/dev/sda1",
         {.modules = network_modules,
          .builtin = {"kernel/drivers/ata/ahci.ko", "kernel/drivers/scsi/sd_mod.ko", "kernel/fs/xfs/xfs.ko"}},
         "error: ip: needs packet sockets for DHCP: the image has no module af_packet (build with feature "
         "dhcp)\n"},
        {"ip=10.0.0.5::10.0.0.1:255.255.255.0 root=/dev/sda1",
         {.modules = network_modules,
          .builtin = {"kernel/drivers/ata/ahci.ko", "kernel/drivers/scsi/sd_mod.ko", "kernel/fs/xfs/xfs.ko"}},
         ""},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules},
         "error: modloop: uses https, but the image has no certificate authorities (build with "
         "feature https, "
         "or --ca FILE)\n"},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules, .files = {"etc/mkpxerd/ca.pem"}},
         ""},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules, .files = {"etc/mkpxerd/ca.pem"}, .tls = false},
         "error: /etc/mkpxerd/ca.pem: the image's /init was built without TLS and signatures, and cannot use "
         "it "
         "(build the image with the archive that brings it: --append FILE)\n"
         "error: modloop: uses https, but the image's /init was built without TLS (build with feature "
         "https, "
         "or --ca FILE)\n"},
        {"apkovl=http://h/a",
         {.modules = network_modules, .files = {"etc/mkpxerd/keys/site"}, .tls = false},
         "error: /etc/mkpxerd/keys: the image's /init was built without TLS and signatures, and cannot use "
         "it "
         "(build the image with the archive that brings it: --append FILE)\n"},
        {"modloop=http://h/m apkovl=http://h/a",
         {.modules = {network_modules[0]}},
         "error: modloop: needs squashfs: the image has no module squashfs (build with feature squashfs)\n"
         "error: modloop: needs a loop device: the image has no module loop (build with feature squashfs)\n"},
        {"modloop=none apkovl=http://h/a", {.modules = {network_modules[0]}}, ""},
        {"root=/dev/sda1 overlaytmpfs rootfstype=xfs",
         {},
         "error: overlaytmpfs: needs a writable layer: the image has no module overlay (build with feature "
         "overlay)\n"
         "error: rootfstype: needs the file system xfs: the image has no module xfs (build with feature "
         "xfs)\n"},
        {"root=/dev/sda1 rootfstype=iso9660", {.modules = {"kernel/fs/isofs/isofs.ko"}}, ""},
        {"root=/dev/sda1 rootfstype=iso9660",
         {},
         "error: rootfstype: needs the file system iso9660: the image has no module isofs (build with "
         "feature "
         "cdrom)\n"},
        {"root=/dev/sda1 rootfstype=ntfs3",
         {},
         "error: rootfstype: needs the file system ntfs3: the image has no module ntfs3 (no feature has it: "
         "put it "
         "into a list NAME.modules, and add -F +NAME)\n"},
        {"root=/dev/sda1 rootfstype=ext4,xfs",
         {},
         "error: rootfstype: names several file systems, and the init takes one: ext4,xfs (leave it out: the "
         "init "
         "detects what the disk has)\n"},
        {"root=http://h/root.tar.gz", {.modules = {network_modules[0]}}, ""},
        {"root=http://h/live.erofs?v=1",
         {.modules = network_modules},
         "error: root: needs erofs: the image has no module erofs (build with feature erofs)\n"},
        {"pkgs=nano apkovl=sda1:x.apkovl.tar.gz",
         {},
         "error: pkgs: needs apk, which the image does not have (build the image with --profile "
         "diskless-alpine "
         "-b TREE, the tree of an Alpine system)\n"},
        {"ssh_key=AAAA apkovl=sda1:x.apkovl.tar.gz",
         {},
         "warning: ssh_key: does nothing: the image has no apk (build the image with --profile "
         "diskless-alpine -b TREE, the tree of an Alpine system)\n"},
        {"quiet",
         {},
         "error: command line: asks for nothing to boot: it has no root=, apkovl=, ovl_dev= or alpine_dev=, "
         "and the image has no apk to fill a diskless root (give root=, or apkovl= with a URL)\n"},
        {"root=/dev/sda1 modules=ahci", {}, "warning: modules: the image has no module ahci\n"},
        {"root=nfs:h:/r blacklist=nfs", {.modules = network_modules}, ""},
        {"quiet", {.cmdline = "root=/dev/sda1"}, ""},
        {"root=/dev/sda1",
         {.is_ours = false},
         "warning: X was not made by mkpxerd: its init may read the line differently\n"},
        {"root=nfs:h:/r",
         {.modules = {network_modules[0], network_modules[2]}, .says_builtin = false},
         "warning: root: needs packet sockets for DHCP: the image has no module af_packet, and does "
         "not say whether it is built into the kernel (build with feature dhcp)\n"
         "warning: root: needs NFS: the image has no module nfs, and does not say whether it is built into "
         "the kernel (build with feature nfs)\n"},
    }));
    const ImageFacts facts = facts_of(spec);
    std::string text = text_of(check_command_line(line, &facts));
    if (const auto at = text.find(facts.name()); at != std::string::npos)
        text.replace(at, facts.name().size(), "X");
    INFO(line);
    CHECK(text == expected);
}

TEST_CASE("a root that an image with keys, or with a pin, would refuse is an error of the line") {
    const std::string key = "etc/mkpxerd/keys/site.pub";
    const auto told = [&](const char* line, const std::string& pins, bool has_key) {
        std::vector<std::string> files = {"sbin/apk"};
        if (has_key) files.push_back(key);
        const ImageFacts facts = facts_of({.modules = network_modules, .files = files, .pins = pins});
        return text_of(check_command_line(line, &facts));
    };
    const std::string sum(64, 'a');
    const std::string hint = " (give root= with a URL, or build with --pin root=any)\n";
    for (const char* line : {"ip=dhcp root=nfs:10.0.0.1:/r", "root=/dev/sda1"}) {
        INFO(line);
        CHECK(told(line, "", false).empty());
        CHECK(told(line, "", true) ==
              "error: root: cannot be verified, and the image has keys: what it boots must "
              "be signed (MPX-FETCH-13)" +
                  hint);
        CHECK(told(line, "pin.root=" + sum + "\n", false) ==
              "error: root: cannot be verified, and the image pins its root (MPX-FETCH-13)" + hint);
        CHECK(told(line, "pin.root=any\n", true).empty());
    }
    CHECK(told("root=/dev/nfs nfsroot=10.0.0.1:/r ip=dhcp", "", true)
              .find("\nerror: root: cannot be verified") != std::string::npos);
    const char* url = "ip=dhcp root=http://10.0.0.1/r.tar.gz";
    CHECK(told(url, "pin.root=" + sum + "\n", true).empty());
    CHECK(told("root=/dev/sda1 resume=/dev/sda2", "", true).find("error: resume: cannot be verified") !=
          std::string::npos);
    CHECK(told("ip=dhcp apkovl=http://10.0.0.1/x.tar.gz pkgs=a", "pin.root=" + sum + "\n", false) ==
          "error: root: is pinned in the image, but not in the line (MPX-FETCH-14) (give root=, or build "
          "without "
          "--pin root=)\n");
}

TEST_CASE("a line that wants a shell needs one in the image") {
    const std::string line = GENERATE("single", "mkpxerd.onfail=shell");
    const ImageFacts bare = facts_of({.modules = network_modules});
    const std::string option = line.substr(0, line.find('='));
    const std::string expected =
        "warning: " + option + ": opens no shell: the image has none (build with -F +rescue)\n";
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r " + line, &bare)) == expected);
    const ImageFacts rescue = facts_of({.modules = network_modules, .files = {"bin/busybox"}});
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r " + line, &rescue)).empty());
    const ImageFacts baked = facts_of({.modules = network_modules, .cmdline = line});
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r", &baked)) == expected);
}

TEST_CASE("a blacklisted module that the image lacks is a note") {
    const ImageFacts facts = facts_of({.modules = network_modules});
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r blacklist=nouveau,nfs", &facts)) ==
          "note: blacklist: changes nothing: the image has no module nouveau\n");
}

TEST_CASE("rdinit= names a program of the image") {
    const ImageFacts facts = facts_of({.modules = network_modules});
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r rdinit=/bin/sh", &facts)) ==
          "error: rdinit: the image has no /bin/sh (its kernel searches for a root by itself, or panics)\n");
    CHECK(text_of(check_command_line("root=nfs:10.0.0.1:/r rdinit=/init", &facts)).empty());
}

TEST_CASE("a module that modules.dep does not name is reported, as the init cannot load it") {
    const std::string line = "ip=dhcp root=nfs:10.0.0.1:/r";
    ImageSpec spec{.modules = network_modules,
                   .dependencies = "kernel/fs/nfs/nfs.ko:\nkernel/fs/nfs/nfsv4.ko:\n"};
    const ImageFacts facts = facts_of(spec);
    CHECK(
        text_of(check_command_line(line, &facts)) ==
        "warning: /lib/modules/6.1/kernel/drivers/block/loop.ko and 3 more: modules.dep does not name it, so "
        "the init cannot load it (put it into a feature list, or bring a modules.dep of depmod with it)\n"
        "error: root: needs the network: the image has no driver of a network card (build with feature "
        "network "
        "or "
        "virtio)\n");
    spec.is_ours = false; // another init may have another list
    const ImageFacts other = facts_of(spec);
    CHECK(text_of(check_command_line(line, &other)).find("modules.dep") == std::string::npos);
}
