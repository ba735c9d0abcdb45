// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/driverless.hpp"

#include <catch2/catch.hpp>

#include "fake_system.hpp"
#include "mkpxerd/contract/absent_drivers.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine {
    // The card of the tests: an Intel 82574.
    void card() const {
        system.device("pci", "0000:00:03.0", "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00");
    }
    void absent(const std::vector<AbsentDriver>& drivers) const {
        system.write("/etc/mkpxerd/absent-drivers", write_absent_drivers(drivers));
    }
    std::vector<std::string> read(const std::vector<std::string>& features = {}) const {
        return read_devices_without_driver(
            system, ModuleIndex::load(system.host("/m")).value_or(ModuleIndex()), features);
    }
    test::FakeSystem system;
};

const AbsentDriver e1000e{"e1000e", "network", {"pci:v00008086d000010D3sv*sd*bc*sc*i*"}};

} // namespace

TEST_CASE("cards that no driver has taken are told, other devices are not") {
    const Machine machine;
    machine.card();
    machine.system.device("pci", "0000:00:04.0", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
    machine.system.device("pci", "0000:00:05.0", "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00");
    std::filesystem::create_symlink("../../drivers/e1000",
                                    machine.system.host("/sys/bus/pci/devices/0000:00:05.0/driver"));
    machine.system.device("virtio", "virtio0", "virtio:d00000001v00001AF4");
    machine.system.device("virtio", "virtio1", "virtio:d00000002v00001AF4");
    CHECK(machine.read() == std::vector<std::string>{"pci 8086:10d3 at 0000:00:03.0", "virtio at virtio0"});
}

TEST_CASE("a driver that the image lacks is named with the feature that has it") {
    const Machine machine;
    machine.card();
    machine.absent({{"e1000", "network", {"pci:v00008086d0000100Esv*sd*bc*sc*i*"}}, e1000e});
    CHECK(machine.read({"dhcp", "virtio"}) ==
          std::vector<std::string>{
              "pci 8086:10d3 at 0000:00:03.0: module e1000e is not in this image: rebuild it "
              "with feature network"});
    CHECK(machine.read({"dhcp", "network"}) ==
          std::vector<std::string>{
              "pci 8086:10d3 at 0000:00:03.0: module e1000e is not in this image: rebuild it "
              "with the --hardware list of this machine, or without one (feature network)"});
}

TEST_CASE("a USB adapter is known by the driver that it lacks") {
    const Machine machine;
    machine.system.device("usb", "1-1:1.0", "usb:v0BDAp8153d3000dc00dsc00dp00icFFiscFFip00in00");
    CHECK(machine.read().empty());
    machine.absent({{"r8152", "network", {"usb:v0BDAp8153d*dc*dsc*dp*icFFisc*ip*in*"}},
                    {"r8153_ecm", "network", {"usb:v0BDAp*"}}});
    CHECK(machine.read() == std::vector<std::string>{
                                "usb 0bda:8153 at 1-1:1.0: module r8152 or r8153_ecm is not in this image: "
                                "rebuild it with feature network"});
}

TEST_CASE("a driver that the image has is not said to be missing") {
    const Machine machine;
    machine.card();
    machine.absent({e1000e});
    machine.system.write("/m/modules.dep", "kernel/e1000e.ko:\n");
    machine.system.write("/m/modules.alias", "alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n");
    CHECK(machine.read() ==
          std::vector<std::string>{
              "pci 8086:10d3 at 0000:00:03.0: module e1000e is in this image but was not "
              "loaded: blacklist= excludes it, or the kernel refused it, as reported above"});
    machine.system.write("/sys/module/e1000e/initstate", "live\n");
    CHECK(machine.read() == std::vector<std::string>{"pci 8086:10d3 at 0000:00:03.0: module e1000e is loaded "
                                                     "but did not bind to the device: see dmesg"});
}
