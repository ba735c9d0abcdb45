// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/mount_options.hpp"

#include <catch2/catch.hpp>
#include <sys/mount.h>

using namespace mkpxerd;

TEST_CASE("words of mount(8) become flags, the rest is for the file system") {
    CHECK(parse_mount_options("ro,size=1g,noatime,mode=0755") ==
          MountOptions{MS_RDONLY | MS_NOATIME, "size=1g,mode=0755"});
    CHECK(parse_mount_options("") == MountOptions{});
    CHECK(parse_mount_options("defaults,_netdev,x-y.z,,nofail,nouser") == MountOptions{});
    CHECK(parse_mount_options("user,exec").flags == (MS_NOSUID | MS_NODEV));
}

TEST_CASE("later words win over earlier ones and over the caller's") {
    CHECK(parse_mount_options("ro,rw").flags == 0);
    CHECK(parse_mount_options("rw", MS_RDONLY | MS_NOSUID).flags == MS_NOSUID);
    CHECK(parse_mount_options("noatime,relatime").flags == MS_RELATIME);
}
