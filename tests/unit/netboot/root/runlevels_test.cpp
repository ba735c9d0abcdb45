// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/runlevels.hpp"

#include <catch2/catch.hpp>

#include "new_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

BootOptions options(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    return parse_boot_options(sources).value();
}

} // namespace

TEST_CASE("default services are wanted without an apkovl, or when it asks for them") {
    test::NewRoot machine;
    CHECK(wants_default_services(machine.system, false));
    CHECK_FALSE(wants_default_services(machine.system, true));
    machine.system.write("/newroot/etc/.default_boot_services", "");
    CHECK(wants_default_services(machine.system, true));
    REQUIRE(add_default_services(machine.system, options("ssh_key=x tinycloud")));
    CHECK(machine.link("/newroot/etc/runlevels/sysinit/modloop") == "/etc/init.d/modloop");
    CHECK(machine.link("/newroot/etc/runlevels/boot/hostname") == "/etc/init.d/hostname");
    CHECK(machine.link("/newroot/etc/runlevels/shutdown/mount-ro") == "/etc/init.d/mount-ro");
    CHECK(machine.link("/newroot/etc/runlevels/default/firstboot") == "/etc/init.d/firstboot");
    CHECK(machine.link("/newroot/etc/runlevels/default/sshd") == "/etc/init.d/sshd");
    CHECK(machine.link("/newroot/etc/runlevels/boot/tiny-cloud-boot") == "/etc/init.d/tiny-cloud-boot");
    CHECK_FALSE(machine.exists("/newroot/etc/.default_boot_services"));
    CHECK(add_default_services(machine.system, options(""))); // again
}

TEST_CASE("the clock service fits the machine") {
    test::NewRoot machine;
    REQUIRE(add_clock_service(machine.system));
    CHECK(machine.exists("/newroot/etc/runlevels/boot/swclock"));
    test::NewRoot other;
    other.system.write("/dev/rtc0", "");
    REQUIRE(add_clock_service(other.system));
    CHECK(other.exists("/newroot/etc/runlevels/boot/hwclock"));
}
