// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/media_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine : test::BootBench {
    using BootBench::BootBench;
    void disk(const std::string& name) const {
        system.write("/dev/" + name, test::ext2_image());
        system.write("/sys/class/block/" + name + "/size", "512\n");
    }
    Result<FoundApkovl> mount() {
        MediaPhase phase(services, options, plan, devices, mounter());
        return run(phase.mount());
    }
};

} // namespace

TEST_CASE("alpine_dev is mounted once, and its apkovl found") {
    Machine machine("alpine_dev=sda");
    machine.disk("sda");
    machine.system.write("/media/alpine/host.apkovl.tar.gz", "");
    CHECK(machine.mount().value().path == "/media/alpine/host.apkovl.tar.gz");
    CHECK(machine.system.called("mount ext2 /dev/sda on /media/alpine (ro)"));
    machine.mounted("/media/alpine");
    CHECK(machine.mount().value().path == "/media/alpine/host.apkovl.tar.gz");
    CHECK(machine.system.calls().size() == 1);
}

TEST_CASE("ovl_dev= is the device that is searched") {
    Machine machine("alpine_dev=sda ovl_dev=sdb");
    machine.disk("sda");
    machine.disk("sdb");
    machine.system.write("/media/sdb/host.apkovl.tar.gz", "");
    machine.system.write("/media/alpine/other.apkovl.tar.gz", "");
    CHECK(machine.mount().value().path == "/media/sdb/host.apkovl.tar.gz");
}

TEST_CASE("of all devices only those stay mounted that have an apkovl or a repository") {
    Machine machine("");
    for (const char* name : {"sda", "sdb", "sdc"})
        machine.disk(name);
    machine.system.write("/media/sdb/host.apkovl.tar.gz", "");
    machine.system.write("/media/sdc/apks/.boot_repository", "");
    CHECK(machine.mount().value().path == "/media/sdb/host.apkovl.tar.gz");
    CHECK(machine.system.called("unmount /media/sda"));
    CHECK_FALSE(machine.system.called("unmount /media/sdb"));
    CHECK_FALSE(machine.system.called("unmount /media/sdc"));
}

TEST_CASE("a file that an option names is found on its medium, or named with the option") {
    Machine machine("alpine_dev=sda apkovl=sdb:dir/host.apkovl.tar.gz");
    machine.disk("sdb");
    const auto find = [&] {
        return machine.run(find_on_medium(machine.system, machine.mounter(), *machine.plan.apkovl));
    };
    const auto absent = find();
    REQUIRE_FALSE(absent);
    CHECK(absent.error().first().code == "MPX-FILE-01");
    CHECK(absent.error().first().text == "/media/sdb/dir/host.apkovl.tar.gz is not there");
    machine.system.write("/media/sdb/dir/host.apkovl.tar.gz", "");
    CHECK(find().value() == "/media/sdb/dir/host.apkovl.tar.gz");
}

TEST_CASE("a medium that does not appear in time is an error with its name") {
    Machine machine("alpine_dev=LABEL=depot");
    machine.time.renew(std::chrono::seconds(0));
    CHECK(machine.mount().error().first().code == "MPX-DEV-01");
}
