// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/modloop_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine : test::BootBench {
    explicit Machine(const std::string& cmdline) : BootBench(cmdline) {
        std::filesystem::create_directories(system.host("/newroot/lib"));
        mounted("/media/alpine");
    }
    // What the mount of a modloop shows.
    void holds(const std::string& version) const {
        system.write("/newroot/.modloop/modules/" + version + "/modules.dep", "");
    }
    Result<void> attach() {
        ModloopPhase phase(services, options, plan, trust, mounter(), objects);
        return run(phase.attach(NewRoot{.in_memory = true}));
    }
};

} // namespace

TEST_CASE("a modloop by URL ends in /lib of the root in memory") {
    Machine machine("alpine_dev=sda modloop=http://h/boot/modloop-lts");
    machine.served["http://h/boot/modloop-lts"] = test::ext2_image();
    machine.holds("6.1.0-9-lts");
    REQUIRE(machine.attach());
    CHECK(machine.system.called("loop /newroot/lib/modloop-lts"));
    CHECK_FALSE(machine.exists("/newroot/.mkpxerd"));
}

TEST_CASE("a modloop that cannot be mounted is downloaded again by the next attempt") {
    Machine machine("alpine_dev=sda modloop=http://h/modloop-lts mkpxerd.optional=modloop");
    machine.served["http://h/modloop-lts"] = test::ext2_image();
    machine.holds("6.1.0-9-lts");
    machine.system.answer("loop", std::errc::no_such_device, 1);
    CHECK(machine.attach());
    CHECK(machine.says("continuing without a modloop"));
    CHECK_FALSE(
        machine.exists("/newroot/lib/modloop-lts")); // another attempt takes what the server has by then
    CHECK(machine.attach());
    CHECK(machine.fetched.size() == 2);
}

TEST_CASE("the modloop of alpine_dev is used if it exists, and its absence is not an error") {
    Machine machine("alpine_dev=sda");
    CHECK(machine.attach());
    CHECK(machine.system.calls().empty());
    machine.system.write("/media/alpine/boot/modloop-lts", test::ext2_image());
    machine.holds("6.1.0-9-lts");
    CHECK(machine.attach());
    CHECK(machine.system.called("loop /media/alpine/boot/modloop-lts"));
}

TEST_CASE("a modloop that is named and absent stops the boot, unless it may be missing") {
    Machine machine("alpine_dev=sda modloop=boot/other");
    CHECK(machine.attach().error().first().code == "MPX-FILE-01");
    Machine lenient("alpine_dev=sda modloop=boot/other mkpxerd.optional=modloop");
    CHECK(lenient.attach());
    CHECK(lenient.says("continuing without a modloop: MPX-FILE-01"));
}

TEST_CASE("a pinned modloop that this boot does not take is an error") {
    Machine machine("alpine_dev=sda modloop=none");
    machine.trust = Trust::load(machine.system, {{"modloop", std::string(64, 'a')}}).value();
    CHECK(machine.attach().error().first().code == "MPX-FETCH-14");
}
