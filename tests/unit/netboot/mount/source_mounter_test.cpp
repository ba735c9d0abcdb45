// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/source_mounter.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("an NFS export needs the network") {
    test::BootBench bench;
    const auto mounted = bench.run(bench.mounter().mount_nfs({"server", "/srv"}, "/newroot", true, ""));
    REQUIRE_FALSE(mounted);
    CHECK(mounted.error().first().code == "MPX-OPT-03");
    CHECK(mounted.error().first().object == "nfs:server:/srv");
}

TEST_CASE("the host of an NFS export is resolved within the time of the boot") {
    test::BootBench bench;
    bench.network.emplace();
    bench.time.renew(std::chrono::seconds(0));
    const auto mounted =
        bench.run(bench.mounter().mount_nfs({"server.invalid", "/srv"}, "/newroot", true, ""));
    REQUIRE_FALSE(mounted);
    CHECK(mounted.error().first().code != "MPX-OPT-03");
    CHECK(bench.system.calls().empty());
}

TEST_CASE("a device is mounted as soon as it is there") {
    test::BootBench bench;
    DeviceMount mount{.device = DeviceSpec::parse("sda"),
                      .target = "/media/sda",
                      .fstype = "ext4",
                      .options = "noatime",
                      .read_only = true};
    CHECK(bench.run(bench.mounter().mount_device(mount)));
    CHECK(bench.system.called("mount ext4 /dev/sda on /media/sda (ro)"));
    bench.time.renew(std::chrono::seconds(0));
    mount.device = DeviceSpec::parse("LABEL=none");
    CHECK(bench.run(bench.mounter().mount_device(mount)).error().first().code == "MPX-DEV-01");
}
