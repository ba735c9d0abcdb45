// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/fstab.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;

TEST_CASE("an fstab is read line by line, and what is commented out is not there") {
    const auto lines = parse_fstab("# <fs> <mountpoint>\n"
                                   "#tmpfs / tmpfs size=1g 0 0\n"
                                   "  # /dev/sda2 /usr ext4 ro 0 0\n"
                                   "/dev/sda1\t/usr/  ext4 noatime,nodev 0 2\r\n"
                                   "LABEL=My\\040Disk /srv xfs\n"
                                   "short line\n\n");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == FstabLine{"/dev/sda1", "/usr", "ext4", "noatime,nodev"});
    CHECK(lines[1] == FstabLine{"LABEL=My Disk", "/srv", "xfs", ""});
    CHECK(lines[0].has_option("nodev"));
    CHECK_FALSE(lines[0].has_option("dev"));
    CHECK(parse_fstab("/ /").empty());
    CHECK(parse_fstab("tmpfs / tmpfs size=1g 0 0").front().target == "/");
}
