// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/source.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("devices in every spelling") {
    CHECK(DeviceSpec::parse("sda1") == DeviceSpec{DeviceSpec::Kind::Name, "sda1"});
    CHECK(DeviceSpec::parse("/dev/mapper/x") == DeviceSpec{DeviceSpec::Kind::Name, "mapper/x"});
    CHECK(DeviceSpec::parse("UUID=ab-c") == DeviceSpec{DeviceSpec::Kind::Uuid, "ab-c"});
    CHECK(DeviceSpec::parse("LABEL=my disk") == DeviceSpec{DeviceSpec::Kind::Label, "my disk"});
    CHECK(DeviceSpec::parse("PARTUUID=1") == DeviceSpec{DeviceSpec::Kind::PartUuid, "1"});
    CHECK(DeviceSpec::parse("PARTLABEL=1") == DeviceSpec{DeviceSpec::Kind::PartLabel, "1"});
    for (const char* text : {"/dev/sda1", "UUID=x", "LABEL=x", "PARTUUID=x", "PARTLABEL=x"})
        CHECK(DeviceSpec::parse(text).text() == text);
}

TEST_CASE("tags and udev's links are read in any case, with quotes") {
    CHECK(DeviceSpec::parse("uuid=ab-c").text() == "UUID=ab-c");
    CHECK(DeviceSpec::parse("UUID=\"ab-c\"").text() == "UUID=ab-c");
    CHECK(DeviceSpec::parse("/dev/disk/by-label/my\\x20disk").text() == "LABEL=my disk");
    CHECK(DeviceSpec::parse("/dev/disk/by-partuuid/1").kind == DeviceSpec::Kind::PartUuid);
}

TEST_CASE("mount options of an export are kept beside its path") {
    const auto with = parse_medium("root", "nfs:[fd00::1]:/srv,ro,vers=3").value();
    CHECK(with.nfs == NfsSource{"fd00::1", "/srv", "ro,vers=3"});
    CHECK(with.nfs.text() == "[fd00::1]:/srv");
    CHECK(parse_medium("root", "nfs:h:/srv/52:54:00:aa:bb:cc").value().nfs ==
          NfsSource{"h", "/srv/52:54:00:aa:bb:cc", ""});
    CHECK(parse_medium("root", "nfs4:h:/a,b").value().nfs == NfsSource{"h", "/a", "vers=4,b"});
    CHECK(parse_nfsroot("/srv,tcp", "10.0.0.1").value().nfs == NfsSource{"10.0.0.1", "/srv", "tcp"});
}

TEST_CASE("alpine_dev may name the file system of its device") {
    const auto medium = parse_medium("alpine_dev", "sda1:vfat").value();
    CHECK(medium.device.value == "sda1");
    CHECK(medium.fstype == "vfat");
    CHECK(parse_medium("root", "LABEL=a:b").value().device.value == "a:b");
}

TEST_CASE("exports of NFS servers, also by IPv6 address") {
    const auto v4 = parse_medium("root", "nfs:10.0.0.1:/srv/root").value();
    CHECK(v4.kind == Source::Kind::Nfs);
    CHECK(v4.nfs == NfsSource{"10.0.0.1", "/srv/root"});
    const auto v6 = parse_medium("root", "nfs:[fd00::1]:/srv").value();
    CHECK(v6.nfs == NfsSource{"fd00::1", "/srv"});
    CHECK(v6.nfs.text() == "[fd00::1]:/srv");
    CHECK(v6.text() == "nfs:[fd00::1]:/srv");
    for (const char* text :
         {"nfs:", "nfs:host", "nfs:host:", "nfs:host:path", "nfs::/path", "nfs:[fd00::1:/srv"}) {
        const auto bad = parse_medium("alpine_dev", text);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().first().object == std::string("alpine_dev=") + text);
    }
}

TEST_CASE("an apkovl is a URL, a file on a device, or a path") {
    CHECK(parse_file_source("apkovl", "https://h:8443/x").value().kind == Source::Kind::Url);
    const auto two = parse_file_source("apkovl", "sda1:host.apkovl.tar.gz").value();
    CHECK(two.device.value == "sda1");
    CHECK(two.path == "host.apkovl.tar.gz");
    CHECK(two.fstype.empty());
    const auto three = parse_file_source("apkovl", "/dev/sda1:ext4:/a/b").value();
    CHECK(three.device.value == "sda1");
    CHECK(three.fstype == "ext4");
    CHECK(three.path == "/a/b");
    CHECK(parse_file_source("apkovl", "LABEL=CFG:x").value().device.kind == DeviceSpec::Kind::Label);
    CHECK(parse_file_source("apkovl", "dir/x.tar.gz").value().kind == Source::Kind::Path);
    CHECK_FALSE(parse_file_source("apkovl", "a:b:c:d"));
}

TEST_CASE("ovl_dev is a device with or without file system, or a URL") {
    CHECK(parse_search_source("ovl_dev", "sda1").value().fstype.empty());
    CHECK(parse_search_source("ovl_dev", "sda1:vfat").value().fstype == "vfat");
    CHECK(parse_search_source("ovl_dev", "http://h/{MAC}.apkovl.tar.gz").value().kind == Source::Kind::Url);
    CHECK_FALSE(parse_search_source("ovl_dev", "sda1:vfat:x"));
}

TEST_CASE("what a URL says about its host and its file") {
    CHECK(url_host("http://example.org/x") == "example.org");
    CHECK(url_host("https://u:p@example.org:8443/x") == "example.org");
    CHECK(url_host("http://[fd00::1]:80/x") == "fd00::1");
    CHECK(url_host("no url").empty());
    CHECK(url_file_name("http://h/boot/modloop-lts?x=/1#y") == "modloop-lts");
    CHECK(url_file_name("http://h").empty());
    CHECK(url_file_name("http://h/").empty());
}
