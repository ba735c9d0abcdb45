// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/missing_firmware.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

const std::string kernel_log =
    "6,700,2100000,-;e100: Intel(R) PRO/100 Network Driver\n"
    "3,712,2345678,-;e100 0000:00:03.0: firmware: failed to load e100/d102e_ucode.bin (-2)\n"
    " SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n"
    "3,713,2345679,-;e100 0000:00:03.0: firmware: failed to load e100/d102e_ucode.bin (-2)\n"
    "4,714,2345680,-;bnx2 0000:04:00.0: Direct firmware load for bnx2/bnx2-mips-09-6.2.1b.fw failed with "
    "error -2\n"
    "4,715,2345681,-;radeon 0000:05:00.0: Direct firmware load for radeon/R600_me.bin failed with error -2\n"
    "4,716,2345682,-;r8152 1-1:1.0: Direct firmware load for rtl_nic/rtl8153b-2.fw failed with error -2\n"
    "4,717,2345683,-;tg3 0000:06:00.0: Direct firmware load for tigon/tg3.bin failed with error -12\n"
    "12,718,2345684,-;mkpxerd: firmware: failed to load x (-2)\n";

const FirmwareFailure e100{"e100", "0000:00:03.0", "e100/d102e_ucode.bin"};

} // namespace

TEST_CASE("missing firmware is read from the kernel's log in both spellings, each once") {
    CHECK(parse_missing_firmware(kernel_log) ==
          std::vector<FirmwareFailure>{e100,
                                       {"bnx2", "0000:04:00.0", "bnx2/bnx2-mips-09-6.2.1b.fw"},
                                       {"radeon", "0000:05:00.0", "radeon/R600_me.bin"},
                                       {"r8152", "1-1:1.0", "rtl_nic/rtl8153b-2.fw"}});
    CHECK(parse_missing_firmware("").empty());
    CHECK(parse_missing_firmware("3,1,2,-;e100 0000:00:03.0: firmware: failed to load e1").empty());
}

TEST_CASE("firmware of network cards is told, with an interface or without") {
    const test::FakeSystem system;
    CHECK(read_missing_firmware(system).empty()); // there is no log
    system.write("/dev/kmsg", kernel_log);
    system.write("/sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n");
    system.write("/sys/bus/pci/devices/0000:04:00.0/net/eth1/address", "");
    system.write("/sys/bus/pci/devices/0000:05:00.0/class", "0x030000\n");
    system.write("/sys/bus/usb/devices/1-1:1.0/net/eth2/address", "");
    std::vector<std::string> drivers;
    for (const FirmwareFailure& firmware : read_missing_firmware(system))
        drivers.push_back(firmware.driver);
    CHECK(drivers == std::vector<std::string>{"e100", "bnx2", "r8152"});
}

TEST_CASE("firmware is the cause when the card itself failed, and a line more when it did not") {
    const Error refused("eth0", "cannot be brought up", {}, Failure::CannotBringUp);
    CHECK(refused.first().code == "MPX-NET-09");
    const auto caused = with_missing_firmware(refused, {e100}).problems();
    REQUIRE(caused.size() == 2);
    CHECK(caused[0].code == "MPX-NET-05");
    CHECK(to_text(caused[0]).starts_with(
        "e100 at 0000:00:03.0: firmware e100/d102e_ucode.bin is not in this image"));
    CHECK(caused[1] == Problem{"eth0", "cannot be brought up", {}, {}});

    // Many cards work without theirs: a cable that is not in is no fault of the firmware.
    const Error no_carrier("network", "no carrier on any interface", {}, Failure::NoCarrier);
    CHECK(with_missing_firmware(no_carrier, {e100}).first() == no_carrier.first());
    const Error no_offer("eth0", "no DHCP offer", {}, Failure::NoOffer);
    const auto beside = with_missing_firmware(no_offer, {e100}).problems();
    REQUIRE(beside.size() == 2);
    CHECK(beside[0] == no_offer.first());
    CHECK(beside[1].object == "e100 at 0000:00:03.0");
    CHECK(beside[1].code == Failure::None);

    CHECK(with_missing_firmware(no_carrier, {}).problems() == no_carrier.problems());
}
