// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/handover_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "elf_program.hpp"
#include "failure_text.hpp"
#include "mkpxerd/netboot/boot/start_phase.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine : test::BootBench {
    explicit Machine(const std::string& cmdline) : BootBench(cmdline) {
        program("/newroot/sbin/init", test::elf_program());
        network.emplace();
        network->interface = "eth0";
        network->dns = {{0x0a000001}};
        network->hostname = "node7";
        system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n");
        system.write("/proc/sys/kernel/ctrl-alt-del", "0\n");
    }
    Result<void> finish(bool in_memory) {
        return finish_root(services, options, plan, network, NewRoot{in_memory});
    }
};

boost::asio::awaitable<void> appears(const Machine& machine, std::string console) {
    co_await sleep_until(machine.services.io, Clock::now() + 30ms);
    machine.system.write("/sys/class/tty/console/active", "tty0 " + console + "\n");
    machine.system.write("/dev/" + console, "");
}

} // namespace

TEST_CASE("a diskless root gets the lease, an overlay its name servers, a root of others nothing") {
    Machine diskless("alpine_dev=sda");
    REQUIRE(diskless.finish(true));
    CHECK(diskless.exists("/newroot/etc/network/interfaces"));
    CHECK(diskless.content("/newroot/etc/hostname") == "node7\n");
    Machine overlay("root=/dev/sda overlaytmpfs");
    REQUIRE(overlay.finish(true));
    CHECK(overlay.exists("/newroot/etc/resolv.conf"));
    CHECK_FALSE(overlay.exists("/newroot/etc/hostname"));
    Machine foreign("root=/dev/sda");
    REQUIRE(foreign.finish(false));
    CHECK_FALSE(foreign.exists("/newroot/etc/resolv.conf"));
}

TEST_CASE("a root without its init is refused before anything is written into it") {
    Machine machine("alpine_dev=sda init=/bin/start");
    CHECK(machine.finish(true).error().first().code == "MPX-ROOT-01");
    CHECK_FALSE(machine.exists("/newroot/etc/hostname"));
}

TEST_CASE("the init is executed with its arguments, and its root has ctrl-alt-del as it was") {
    Machine machine("root=/dev/sda init=/sbin/init init_args=-a -- -b");
    machine.options.init_arguments = {"-b"};
    const auto done = become_init(machine.services, machine.options, machine.plan, Consoles{"1\n"}, 1500ms);
    CHECK(done);
    CHECK(machine.system.calls().back() == "become /sbin/init -a -b");
    CHECK(machine.says("handover to /sbin/init on /dev/sda after 1.500 s"));
    CHECK(machine.content("/proc/sys/kernel/ctrl-alt-del") == "1\n");
}

TEST_CASE("a hand-over that fails leaves ctrl-alt-del to the init, for another attempt") {
    Machine machine("root=/dev/sda");
    machine.system.answer("become", std::errc::executable_format_error, 1);
    const auto hand_over = [&] {
        return become_init(machine.services, machine.options, machine.plan, Consoles{"1\n"}, 1s);
    };
    CHECK(hand_over().error().first().code == "MPX-ROOT-06");
    CHECK(machine.content("/proc/sys/kernel/ctrl-alt-del") == "0\n");
    CHECK(hand_over());
}

TEST_CASE("single: an image without a shell goes on with a warning") {
    Machine machine("root=/dev/sda single");
    Rescue rescue(machine.io, machine.system, machine.log, machine.children);
    machine.run_to_end(visit_shell(machine.log, rescue));
    CHECK(machine.says("single: the image has no shell"));
}

TEST_CASE("a console that a driver brings is waited for, and gets the lines of before") {
    Machine machine("root=/dev/sda console=tty0 console=hvc0");
    machine.system.device("virtio", "virtio1", "virtio:d00000003v00001AF4");
    machine.system.write("/sys/class/tty/console/active", "tty0\n");
    machine.system.write("/dev/tty0", "");
    machine.log.open();
    machine.log.step("before");
    machine.run_to_end(machine.devices.coldplug());
    machine.background.spawn(appears(machine, "hvc0"));
    machine.run_to_end(wait_for_consoles(machine.services, machine.options, machine.modules));
    CHECK(machine.content("/dev/hvc0").find("before\n") != std::string::npos);
    CHECK_FALSE(machine.says("has not appeared"));
}

TEST_CASE("a console that does not come is named after two seconds, on a machine that has such a device") {
    Machine machine("root=/dev/sda console=hvc1 console=ttyS0");
    machine.run_to_end(wait_for_consoles(machine.services, machine.options, machine.modules));
    CHECK_FALSE(machine.says("has not appeared"));
    machine.system.device("virtio", "virtio1", "virtio:d00000003v00001AF4");
    machine.run_to_end(machine.devices.coldplug());
    machine.run_to_end(wait_for_consoles(machine.services, machine.options, machine.modules));
    CHECK(machine.says("console=hvc1 has not appeared"));
    CHECK_FALSE(machine.says("ttyS0"));
}
