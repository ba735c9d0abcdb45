// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/place_forms.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

std::string refusal(PlaceKind kind, std::string_view option, std::string_view value) {
    INFO(value);
    const Result<std::string> place = plain_place(kind, option, value);
    REQUIRE_FALSE(place);
    CHECK(place.error().first().code == "MPX-OPT-02");
    CHECK(place.error().first().object == std::string(option).append("=").append(value));
    CHECK_FALSE(place.error().first().hint.empty());
    return place.error().text();
}

} // namespace

TEST_CASE("a root is understood as other programs write it") {
    const auto [written, plain] = GENERATE(table<const char*, const char*>({
        {"sda1", "sda1"},
        {"/dev/nvme0n1p2", "/dev/nvme0n1p2"},
        {"/dev/cciss/c0d0p1", "/dev/cciss/c0d0p1"},
        {"uuid=AB-C", "UUID=AB-C"},
        {"PartUuid=1", "PARTUUID=1"},
        {"LABEL=\"my disk\"", "LABEL=my disk"},
        {"LABEL=a:b", "LABEL=a:b"},
        {"/dev/disk/by-uuid/1-2", "UUID=1-2"},
        {"/dev/disk/by-partlabel/a\\x2fb", "PARTLABEL=a/b"},
        {"nfs:10.0.0.1:/srv", "nfs:10.0.0.1:/srv"},
        {"NFS:host:/srv", "nfs:host:/srv"},
        {"nfs4:host:/srv", "nfs:host:/srv,vers=4"},
        {"nfs:host:/srv:ro,vers=3", "nfs:host:/srv,ro,vers=3"},
        {"nfs:host:/srv,ro", "nfs:host:/srv,ro"},
        {"nfs4:host:/srv:ro", "nfs:host:/srv,vers=4,ro"},
        {"nfs:host:/srv/52:54:00:aa:bb:cc", "nfs:host:/srv/52:54:00:aa:bb:cc"},
        {"nfs://host/srv", "nfs:host:/srv"},
        {"nfs://[fd00::1]:20490/srv", "nfs:[fd00::1]:/srv,port=20490"},
        {"nfs4://host:/srv,ro", "nfs:host:/srv,vers=4,ro"},
        {"10.0.0.1:/srv", "nfs:10.0.0.1:/srv"},
        {"server:/srv,vers=3", "nfs:server:/srv,vers=3"},
        {"[fd00::1]:/srv", "nfs:[fd00::1]:/srv"},
        {"HTTP://h/A|https://u:p@h/b", "http://h/A|https://u:p@h/b"},
        {"live:http://h/x.squashfs", "http://h/x.squashfs"},
        {"live:nfs:host:/srv", nullptr},
    }));
    INFO(written);
    const Result<std::string> place = plain_place(PlaceKind::Medium, "root", written);
    REQUIRE(place.has_value() == (plain != nullptr));
    if (plain == nullptr) return;
    CHECK(*place == plain);
    CHECK(plain_place(PlaceKind::Medium, "root", *place).value() == plain);
}

TEST_CASE("a root that nothing will ever be is refused at once") {
    for (const char* value : {"",
                              "nfs:",
                              "nfs:host",
                              "nfs:host:path",
                              "nfs:/srv",
                              "nfs://host",
                              "nfs://u@host/srv",
                              "tftp://h/x",
                              "file:///x",
                              "http:/h/x",
                              "http://",
                              "http://h/x|",
                              "http://h/x|sda1",
                              "iscsi:10.0.0.1::::iqn",
                              "nbd:h:1",
                              "virtiofs:tag",
                              "zfs:tank",
                              "ZFS=tank/root",
                              "dhcp",
                              "gpt-auto",
                              "tmpfs",
                              "/dev/ram0",
                              "ram",
                              "cdrom",
                              "/dev/root",
                              "8:1",
                              "0801",
                              "UUID=",
                              "PARTUUID=1/PARTNROFF=1",
                              "/dev/mapper/root",
                              "/dev/vg0/root",
                              "/dev/disk/by-id/ata-x",
                              "/srv/root",
                              "pool/root",
                              "sda1:ext4",
                              "/dev/sda1:/x",
                              "a b",
                              "live:LABEL=x",
                              "live:",
                              "host:path",
                              ":/srv",
                              "[fd00::1]",
                              "?",
                              "ubi0:rootfs",
                              "root.squashfs",
                              "Host7.tar.gz",
                              "/dev/"})
        refusal(PlaceKind::Medium, "root", value);
    CHECK_THAT(refusal(PlaceKind::Medium, "root", "tftp://h/x"), Catch::Contains("tftp://"));
    CHECK_THAT(refusal(PlaceKind::Medium, "root", "root.squashfs"), Catch::Contains("name of a file"));
    CHECK_THAT(refusal(PlaceKind::Medium, "root", "dhcp"), Catch::Contains("lease"));
}

TEST_CASE("a word alone is a disk only if a driver of the kernel gives such names") {
    for (const char* name :
         {"sda",      "sda1",    "sdaaz12", "hda1",      "vda",         "vdb2",      "xvda1",
          "dasdaaa1", "rssda",   "ubda",    "ubd0",      "nvme0n1p2",   "mmcblk0p1", "mmcblk0boot0",
          "md0",      "md127p1", "md_d0p1", "dm-0",      "loop0p1",     "nbd0",      "sr0",
          "fd0",      "pmem0p1", "zram0",   "mtdblock3", "ubiblock0_0", "bcache0",   "cciss!c0d0p1"}) {
        INFO(name);
        CHECK(plain_place(PlaceKind::Medium, "root", name).value_or("refused") == name);
        CHECK(plain_place(PlaceKind::File, "apkovl", std::string(name) + ":/x.apkovl.tar.gz").has_value());
    }
    for (const char* name :
         {"systemd", "dissect", "server", "nas", "nas.example.com", "srv", "sdcard", "sd", "sd1", "sda1p1",
          "SDA1", "sr", "md", "mddata", "nvme", "vd-1", "cciss", "alpine"}) {
        CHECK_THAT(refusal(PlaceKind::Medium, "root", name), Catch::Contains("no driver of the kernel"));
        refusal(PlaceKind::Medium, "alpine_dev", std::string(name) + ":ext4");
        refusal(PlaceKind::File, "apkovl", std::string(name) + ":/x.apkovl.tar.gz");
        refusal(PlaceKind::File, "modloop", std::string(name) + ":ext4:x");
        refusal(PlaceKind::Search, "ovl_dev", name);
        const std::string below_dev = "/dev/" + std::string(name);
        CHECK(plain_place(PlaceKind::Medium, "root", below_dev).value_or("refused") == below_dev);
    }
}

TEST_CASE("a medium may name its file system, a root has an option for it") {
    CHECK(plain_place(PlaceKind::Medium, "alpine_dev", "sda1:vfat").value() == "sda1:vfat");
    CHECK(plain_place(PlaceKind::Medium, "alpine_dev", "h:/srv").value() == "nfs:h:/srv");
    refusal(PlaceKind::Medium, "alpine_dev", "usbdisk:vfat");
    refusal(PlaceKind::Medium, "alpine_dev", "cdrom");
}

TEST_CASE("files and searches keep to devices, paths and URLs") {
    const auto file = [](const char* value) { return plain_place(PlaceKind::File, "apkovl", value).value(); };
    CHECK(file("FTP://h/x") == "ftp://h/x");
    CHECK(file("boot/modloop-lts") == "boot/modloop-lts");
    CHECK(file("label=CFG:/x.apkovl.tar.gz") == "LABEL=CFG:/x.apkovl.tar.gz");
    CHECK(file("/dev/disk/by-uuid/1:ext4:x") == "UUID=1:ext4:x");
    for (const char* value : {"nfs:h:/x", "nfs://h/x", "10.0.0.1:/x", "tftp:x", "UUID=1", "/dev/sda1",
                              "sda1:", "a:b:c:d", "sda1:Ext4!:x", "usb:x", "live:LABEL=x"})
        refusal(PlaceKind::File, "apkovl", value);
    const auto search = [](const char* value) { return plain_place(PlaceKind::Search, "ovl_dev", value); };
    CHECK(search("uuid=1:ext4").value() == "UUID=1:ext4");
    CHECK(search("Https://h/{MAC}").value() == "https://h/{MAC}");
    for (const char* value : {"nfs:h:/x", "sda1:vfat:x", "usbdisk:vfat", "/srv", ""})
        refusal(PlaceKind::Search, "ovl_dev", value);
}
