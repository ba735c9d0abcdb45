// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/source.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {

template <class Kind>
Kind as(const mkpxerd::Result<Source>& source) {
    REQUIRE(source);
    REQUIRE(std::holds_alternative<Kind>(*source));
    return std::get<Kind>(*source);
}

} // namespace

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
    const auto with = as<NfsSource>(parse_medium("root", "nfs:[fd00::1]:/srv,ro,vers=3"));
    CHECK(with == NfsSource{"fd00::1", "/srv", "ro,vers=3"});
    CHECK(with.text() == "[fd00::1]:/srv");
    CHECK(as<NfsSource>(parse_medium("root", "nfs:h:/srv/52:54:00:aa:bb:cc")) ==
          NfsSource{"h", "/srv/52:54:00:aa:bb:cc", ""});
    CHECK(as<NfsSource>(parse_medium("root", "nfs4:h:/a,b")) == NfsSource{"h", "/a", "vers=4,b"});
    CHECK(as<NfsSource>(parse_nfsroot("/srv,tcp", "10.0.0.1")) == NfsSource{"10.0.0.1", "/srv", "tcp"});
}

TEST_CASE("the port of an NFS server is that of the last port=, or 2049") {
    CHECK(nfs_port("") == 2049);
    CHECK(nfs_port("ro,port=20490") == 20490);
    CHECK(nfs_port("port=1,port=2,mountport=3") == 2);
    CHECK(nfs_port("port=0,port=x,port=65536") == 2049);
}

TEST_CASE("alpine_dev may name the file system of its device") {
    const auto medium = as<DeviceSource>(parse_medium("alpine_dev", "sda1:vfat"));
    CHECK(medium.device.value == "sda1");
    CHECK(medium.fstype == "vfat");
    CHECK(as<DeviceSource>(parse_medium("root", "LABEL=a:b")).device.value == "a:b");
}

TEST_CASE("exports of NFS servers, also by IPv6 address") {
    CHECK(as<NfsSource>(parse_medium("root", "nfs:10.0.0.1:/srv/root")) ==
          NfsSource{"10.0.0.1", "/srv/root"});
    const auto v6 = parse_medium("root", "nfs:[fd00::1]:/srv");
    CHECK(as<NfsSource>(v6) == NfsSource{"fd00::1", "/srv"});
    CHECK(as<NfsSource>(v6).text() == "[fd00::1]:/srv");
    CHECK(to_text(*v6) == "nfs:[fd00::1]:/srv");
    for (const char* text :
         {"nfs:", "nfs:host", "nfs:host:", "nfs:host:path", "nfs::/path", "nfs:[fd00::1:/srv"}) {
        const auto bad = parse_medium("alpine_dev", text);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().first().object == std::string("alpine_dev=") + text);
    }
}

TEST_CASE("an apkovl is a URL, a file on a device, or a path") {
    const auto url = as<UrlSource>(parse_file_source("apkovl", "https://h:8443/x|HTTP://other/{MAC}"));
    REQUIRE(url.alternatives.size() == 2);
    CHECK(url.alternatives[0].url.port == 8443);
    CHECK(url.alternatives[1].url.target == "/{MAC}");
    CHECK(url.text() == "https://h:8443/x|http://other/{MAC}");
    const auto two = as<DeviceFile>(parse_file_source("apkovl", "sda1:host.apkovl.tar.gz"));
    CHECK(two.medium.device.value == "sda1");
    CHECK(two.path == "host.apkovl.tar.gz");
    CHECK(two.medium.fstype.empty());
    CHECK(two.text() == "/dev/sda1:host.apkovl.tar.gz");
    const auto three = as<DeviceFile>(parse_file_source("apkovl", "/dev/sda1:ext4:/a/b"));
    CHECK(three.medium.device.value == "sda1");
    CHECK(three.medium.fstype == "ext4");
    CHECK(three.path == "/a/b");
    CHECK(as<DeviceFile>(parse_file_source("apkovl", "LABEL=CFG:x")).medium.device.kind ==
          DeviceSpec::Kind::Label);
    CHECK(as<MediumPath>(parse_file_source("apkovl", "dir/x.tar.gz")).path == "dir/x.tar.gz");
    CHECK_FALSE(parse_file_source("apkovl", "a:b:c:d"));
}

TEST_CASE("ovl_dev is a device with or without file system, or a URL") {
    CHECK(as<DeviceSource>(parse_search_source("ovl_dev", "sda1")).fstype.empty());
    CHECK(as<DeviceSource>(parse_search_source("ovl_dev", "sda1:vfat")).fstype == "vfat");
    CHECK(as<UrlSource>(parse_search_source("ovl_dev", "http://h/{MAC}.apkovl.tar.gz")).text() ==
          "http://h/{MAC}.apkovl.tar.gz");
    CHECK_FALSE(parse_search_source("ovl_dev", "sda1:vfat:x"));
}

TEST_CASE("what is wrong with each of several URLs is told at once") {
    const auto bad = UrlSource::parse("http://h:x/|http://h/fine|http://h:0/");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().problems().size() == 2);
}
