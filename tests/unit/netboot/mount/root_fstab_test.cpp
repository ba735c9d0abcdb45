// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/root_fstab.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine : test::BootBench {
    explicit Machine(const std::string& fstab, const std::string& cmdline = "root=/dev/sda")
        : BootBench(cmdline) {
        system.write("/newroot/etc/fstab", fstab);
    }
    Result<void> mount() { return run(mount_usr(system, log, mounter(), options, trust)); }
};

} // namespace

TEST_CASE("/usr is mounted as its line says, unless usrflags= says otherwise") {
    const std::string line = "/dev/sda /usr xfs noatime 0 2\n";
    Machine machine(line);
    CHECK(machine.mount());
    CHECK(machine.system.calls().back() == "mount xfs /dev/sda on /newroot/usr (ro) flags=0x401");
    Machine own(line, "root=/dev/sda usrflags=nodev");
    CHECK(own.mount());
    CHECK(own.system.calls().back() == "mount xfs /dev/sda on /newroot/usr flags=0x4");
    Machine disabled(line, "root=/dev/sda usrflags=disable");
    CHECK(disabled.mount());
    CHECK(disabled.system.calls().empty());
}

TEST_CASE("a /usr that is mounted is left alone by the next attempt") {
    Machine machine("/dev/sda /usr xfs ro\n");
    machine.mounted("/newroot/usr");
    CHECK(machine.mount());
    CHECK(machine.system.calls().empty());
}

TEST_CASE("lines that are comments, binds or for later are not mounted") {
    Machine machine("#/dev/sda /usr xfs ro\n/data/usr /usr none bind\n/dev/sda /usr xfs noauto\n");
    CHECK(machine.mount());
    CHECK(machine.system.calls().empty());
    CHECK(machine.says("fstab: /usr from /data/usr (none) is left to the system"));
}

TEST_CASE("a /usr that fails stops the boot, unless its line says nofail") {
    Machine machine("/dev/sda /usr xfs ro\n");
    machine.system.answer("mount xfs", std::errc::io_error);
    CHECK(machine.mount().error().first().code == "MPX-MNT-01");
    Machine lenient("/dev/sda /usr xfs nofail\n");
    lenient.system.answer("mount xfs", std::errc::io_error);
    CHECK(lenient.mount());
    CHECK(lenient.says("continuing without /usr, which is nofail: MPX-MNT-01"));
}

TEST_CASE("an image that pins its root takes no /usr that nothing can verify") {
    Machine machine("/dev/sda /usr xfs ro\n");
    machine.trust = Trust::load(machine.system, {{"root", std::string(64, 'a')}}).value();
    CHECK(machine.mount().error().first().code == "MPX-FETCH-13");
}

TEST_CASE("an apkovl says in its fstab how large the root in memory is") {
    Machine machine("#tmpfs / tmpfs size=7g\ntmpfs /tmp tmpfs size=1g\ntmpfs / tmpfs size=2g 0 0\n");
    Mounter mounter = machine.mounter().mounter();
    CHECK(remount_memory_root(machine.system, mounter));
    CHECK(machine.system.calls() ==
          std::vector<std::string>{"mount tmpfs tmpfs on /newroot (size=2g) flags=0x20"});
    std::filesystem::remove(machine.system.host("/newroot/etc/fstab"));
    CHECK(remount_memory_root(machine.system, mounter));
    CHECK(machine.system.calls().size() == 1);
}
