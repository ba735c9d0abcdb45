// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/devices.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "ext2_image.hpp"
#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine {
    Machine() {
        const std::string directory = "/lib/modules/6.1.0-9-lts/";
        system.write(directory + "modules.dep", "nic.ko:\ndisk.ko:\nbus.ko:\nusb.ko:\n");
        system.write(directory + "modules.alias",
                     "alias pci:v00008086d*sv*sd*bc02sc*i* nic\nalias pci:v*d*sv*sd*bc01* disk\n"
                     "alias pci:v00001AF4d* bus\nalias usb:* usb\n");
    }
    test::FakeSystem system;
    test::MemoryLog log;
    boost::asio::io_context io{1};
};

boost::asio::awaitable<bool> settled(ModuleLoader& modules) {
    co_await modules.wait_until_settled(Urgency::Rest);
    co_return true;
}

} // namespace

TEST_CASE("coldplug loads a driver for each device, those that the boot needs first, each once") {
    Machine machine;
    machine.system.device("pci", "0", "pci:v00001000d00000001sv1sd1bc01sc00i00");
    machine.system.device("pci", "1", "pci:v00008086d0000100Esv1sd1bc02sc00i00");
    machine.system.device("pci", "2", "pci:v00001AF4d00001000sv1sd1bc00sc00i00");
    machine.system.device("usb", "1-1", "usb:v1p1dc00dsc00dp00ic03isc01ip01in00");
    machine.system.device("usb", "1-2", "usb:v1p1dc00dsc00dp00ic03isc01ip01in00");
    machine.system.write("/sys/bus/pci/devices/3/vendor", "no modalias");
    ModuleLoader modules(machine.io, machine.system, machine.log,
                         read_modules(machine.system, machine.log).value());
    Devices devices(machine.io, machine.system, machine.log, modules);
    const auto coldplug = [&]() -> boost::asio::awaitable<bool> {
        co_await devices.coldplug();
        co_await devices.wait_for_coldplug(Deadline::max());
        co_return true;
    };
    CHECK(test::run(machine.io, coldplug()));
    CHECK(modules.loaded() == std::vector<std::string>{"disk", "nic", "bus"});
    CHECK(modules.loads()[1].device == "pci 1");
    CHECK(test::run(machine.io, settled(modules)));
    CHECK(modules.loaded().back() == "usb");
}

TEST_CASE("a device is found by name, and waited for until it appears") {
    Machine machine;
    ModuleLoader modules(machine.io, machine.system, machine.log,
                         read_modules(machine.system, machine.log).value());
    Devices devices(machine.io, machine.system, machine.log, modules);
    const DeviceSpec disk{DeviceSpec::Kind::Name, "sdb"};
    machine.system.write("/sys/class/block/sda/size", "100\n");
    machine.system.write("/sys/class/block/loop0/size", "0\n");
    const auto missing = test::run(machine.io, devices.wait_for(disk, Clock::now() + 20ms));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().first().code == "MPX-DEV-01");
    CHECK(missing.error().first().hint == "the block devices are sda");
    machine.system.write("/dev/sdb", "");
    CHECK(test::run(machine.io, devices.wait_for(disk, Clock::now())).value() == "/dev/sdb");
}

TEST_CASE("a device is found by what is on it") {
    Machine machine;
    ModuleLoader modules(machine.io, machine.system, machine.log,
                         read_modules(machine.system, machine.log).value());
    Devices devices(machine.io, machine.system, machine.log, modules);
    machine.system.write("/dev/cciss/c0d0", test::ext2_image("0123456789abcdef", "DATA"));
    machine.system.write("/sys/class/block/cciss!c0d0/size", "512\n");
    CHECK(devices.find(DeviceSpec::parse("LABEL=DATA")) == "/dev/cciss/c0d0");
    CHECK(devices.find(DeviceSpec::parse("UUID=30313233-3435-3637-3839-616263646566")) == "/dev/cciss/c0d0");
    CHECK(devices.find(DeviceSpec::parse("UUID=30313233-3435-3637-3839-61626364656F")) == std::nullopt);
    CHECK(devices.find(DeviceSpec::parse("LABEL=data")) == std::nullopt);
}

TEST_CASE("the kernel's events can be listened to without being root") {
    Machine machine;
    ModuleLoader modules(machine.io, machine.system, machine.log,
                         read_modules(machine.system, machine.log).value());
    Devices devices(machine.io, machine.system, machine.log, modules);
    CHECK(devices.listen(1 << 20));
}

TEST_CASE("a driver that does not return is the failure when its device is waited for, and no other driver") {
    Machine machine;
    machine.system.device("pci", "0000:00:04.0", "pci:v00001000d00000001sv1sd1bc01sc00i00");
    machine.system.device("pci", "0000:00:05.0", "pci:v00008086d0000100Esv1sd1bc02sc00i00");
    machine.system.hold("disk.ko");
    machine.system.hold("nic.ko");
    {
        ModuleLoader modules(machine.io, machine.system, machine.log,
                             read_modules(machine.system, machine.log).value(), LoadMode::SideBySide);
        Devices devices(machine.io, machine.system, machine.log, modules,
                        {.network = false, .storage = true});
        TaskGroup group(machine.io);
        group.spawn(devices.coldplug());
        REQUIRE(test::run_until(
            machine.io, [&] { return machine.system.called("module /lib/modules/6.1.0-9-lts/disk.ko"); },
            5s));
        const DeviceSpec disk{DeviceSpec::Kind::Name, "sdb"};
        const auto missing = test::run(machine.io, devices.wait_for(disk, Clock::now() + 2ms));
        REQUIRE_FALSE(missing);
        REQUIRE(missing.error().problems().size() == 2);
        CHECK(missing.error().first().code == "MPX-SYS-04");
        CHECK(missing.error().first().text ==
              "the module, which drives pci 0000:00:04.0, has not returned from the kernel for 0 s");
        CHECK(missing.error().problems()[1].code == "MPX-DEV-01");
        CHECK_FALSE(devices.coldplugged());
        CHECK(devices.has_tried()); // a missing driver can be told
        machine.system.let_go("disk.ko");
        machine.system.let_go("nic.ko");
        CHECK(test::run(machine.io, settled(modules)));
    }
    ::waitpid(machine.system.started().front(), nullptr, 0);
}

TEST_CASE("a driver of a card that does not return is no reason for a disk to be missing") {
    Machine machine;
    machine.system.device("pci", "0000:00:05.0", "pci:v00008086d0000100Esv1sd1bc02sc00i00");
    machine.system.hold("nic.ko");
    {
        ModuleLoader modules(machine.io, machine.system, machine.log,
                             read_modules(machine.system, machine.log).value(), LoadMode::SideBySide);
        Devices devices(machine.io, machine.system, machine.log, modules);
        TaskGroup group(machine.io);
        group.spawn(devices.coldplug());
        REQUIRE(test::run_until(
            machine.io, [&] { return machine.system.called("module /lib/modules/6.1.0-9-lts/nic.ko"); }, 5s));
        const DeviceSpec disk{DeviceSpec::Kind::Name, "sdb"};
        const auto missing = test::run(machine.io, devices.wait_for(disk, Clock::now() + 2ms));
        REQUIRE_FALSE(missing);
        REQUIRE(missing.error().problems().size() == 1);
        CHECK(missing.error().first().code == "MPX-DEV-01");
        CHECK(modules.unreturned(DeviceKind::Network)->object == "nic");
        machine.system.let_go("nic.ko");
        CHECK(test::run(machine.io, settled(modules)));
    }
    ::waitpid(machine.system.started().front(), nullptr, 0);
}
