// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/reference/hardware_command.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

struct Machine {
    test::TempDir dir;
    std::ostringstream out;
    std::ostringstream err;
    int run(const std::string& sysfs = "sys", bool as_json = false) {
        return cli::run_hardware(dir / sysfs, {.out = out,
                                               .err = err,
                                               .data_dir = {},
                                               .init_program = {},
                                               .source_date_epoch = {},
                                               .wants_json = as_json});
    }
    // Without the comment.
    std::string list() const { return out.str().substr(out.str().find('\n') + 1); }
};

} // namespace

TEST_CASE("hardware lists modaliases once, and PHYs by their id") {
    Machine machine;
    machine.dir.write("sys/devices/pci0/a/modalias", "pci:v1\n");
    machine.dir.write("sys/devices/pci0/b/modalias", "pci:v1\n");
    machine.dir.write("sys/devices/pci0/b/mdio/phy/phy_id", "0x001cc915\n");
    machine.dir.write("sys/bus/c/modalias", "usb:v2\n"); // not a device
    CHECK(machine.run() == 0);
    CHECK(machine.out.str().starts_with("# modaliases of one machine"));
    CHECK(machine.list() == "mdio:00000000000111001100100100010101\npci:v1\n");
}

TEST_CASE("hardware prints modaliases as JSON") {
    Machine machine;
    machine.dir.write("sys/devices/a/modalias", "pci:v1\n");
    machine.dir.write("sys/devices/b/modalias", "usb:v2\n");
    CHECK(machine.run("sys", true) == 0);
    CHECK(machine.out.str() == "[\n  \"pci:v1\",\n  \"usb:v2\"\n]\n");
}

TEST_CASE("an empty modalias, and a PHY without an id, are no devices") {
    Machine machine;
    machine.dir.write("sys/devices/a/modalias", "\n");
    for (const char* id : {"0x00000000", "what", "", "0x1ffffffff", "-1"})
        machine.dir.write(std::string("sys/devices/b") + id + "/phy_id", id);
    machine.dir.write("sys/devices/c/modalias", "x\x1b[31m");
    CHECK(machine.run() == 0);
    CHECK(machine.list() == "x\\x1b[31m\n");
    std::filesystem::remove_all(machine.dir / "sys/devices/c");
    CHECK(machine.run() == 1);
    CHECK(machine.err.str().find("lists no devices") != std::string::npos);
}

TEST_CASE("without sysfs there is nothing to list, which is a failure") {
    Machine machine;
    CHECK(machine.run("none") == 1);
    CHECK(machine.out.str().empty());
    CHECK(machine.err.str() ==
          "mkpxerd: " + (machine.dir / "none/devices").string() + ": lists no devices (is sysfs mounted?)\n");
}
