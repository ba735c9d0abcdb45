// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/options/option_files.hpp"

#include <catch2/catch.hpp>

#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("settings come from the image, its files by name, and the kernel, in order of strength") {
    test::FakeSystem system;
    system.write("/proc/cmdline", "ip=dhcp quiet\n");
    system.write("/etc/mkpxerd.d/20-b.conf", "# comment\nroot=nfs:h:/x\n\n  rw\n");
    system.write("/etc/mkpxerd.d/10-a.conf", "pkgs=a");
    system.write("/etc/mkpxerd.d/readme", "no=options");
    BootConfig config;
    config.cmdline = "modules=x";
    const auto sources = read_settings(system, config).value();
    REQUIRE(sources.size() == 4);
    CHECK(sources[0].origin == "boot.conf");
    CHECK(sources[1].text == "pkgs=a");
    CHECK(sources[2].origin == "/etc/mkpxerd.d/20-b.conf");
    CHECK(sources[2].text == "root=nfs:h:/x rw");
    CHECK(sources[3].text == "ip=dhcp quiet");
}

TEST_CASE("without a kernel command line there is nothing to go by") {
    test::FakeSystem system;
    CHECK_FALSE(read_settings(system, {}));
}

TEST_CASE("/etc/modules is a list with parameters") {
    test::FakeSystem system;
    CHECK(read_module_list(system).empty());
    system.write("/etc/modules", "# list\nloop max_loop=8 x=1\n\nsquashfs # why\n");
    CHECK(read_module_list(system) ==
          std::vector<ModuleRequest>{{"loop", "max_loop=8 x=1"}, {"squashfs", ""}});
}

TEST_CASE("the blacklist of the command line becomes one of modprobe.d") {
    test::FakeSystem system;
    REQUIRE(write_blacklist(system, {}));
    CHECK_FALSE(std::filesystem::exists(system.host("/etc/modprobe.d")));
    REQUIRE(write_blacklist(system, {"a", "b", "c\ninstall d /bin/sh", "e f"}));
    CHECK(read_file(system.host("/etc/modprobe.d/mkpxerd-cmdline.conf")).value() ==
          "blacklist a\nblacklist b\n");
}
