// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/devices.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

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

} // namespace

TEST_CASE("coldplug loads a driver for each device, the network first, each once") {
    Machine machine;
    machine.system.device("pci", "0", "pci:v00001000d00000001sv1sd1bc01sc00i00");
    machine.system.device("pci", "1", "pci:v00008086d0000100Esv1sd1bc02sc00i00");
    machine.system.device("pci", "2", "pci:v00001AF4d00001000sv1sd1bc00sc00i00");
    machine.system.device("usb", "1-1", "usb:v1p1");
    machine.system.device("usb", "1-2", "usb:v1p1");
    machine.system.write("/sys/bus/pci/devices/3/vendor", "no modalias");
    ModuleLoader modules = open_modules(machine.system, machine.log).value();
    Devices devices(machine.io, machine.system, machine.log, modules);
    const auto coldplug = [&]() -> boost::asio::awaitable<bool> {
        co_await devices.coldplug();
        co_await devices.wait_for_coldplug();
        co_return true;
    };
    CHECK(test::run(machine.io, coldplug()));
    CHECK(modules.loaded() == std::vector<std::string>{"nic", "bus", "disk", "usb"});
}

TEST_CASE("a device is found by name, and waited for until it appears") {
    Machine machine;
    ModuleLoader modules = open_modules(machine.system, machine.log).value();
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
    ModuleLoader modules = open_modules(machine.system, machine.log).value();
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
    ModuleLoader modules = open_modules(machine.system, machine.log).value();
    Devices devices(machine.io, machine.system, machine.log, modules);
    CHECK(devices.listen(1 << 20));
}
