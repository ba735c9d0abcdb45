// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/uevent.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using namespace std::string_view_literals;

TEST_CASE("an event of the kernel is taken apart") {
    const auto event = parse_uevent("add@/devices/pci0/net/eth0\0ACTION=add\0DEVPATH=/devices/pci0/net/eth0\0"
                                    "SUBSYSTEM=net\0MODALIAS=pci:v1\0DEVNAME=x/y\0SEQNUM=7\0"sv);
    REQUIRE(event);
    CHECK(event->action == "add");
    CHECK(event->device_path == "/devices/pci0/net/eth0");
    CHECK(event->subsystem == "net");
    CHECK(event->modalias == "pci:v1");
    CHECK(event->device_name == "x/y");
}

TEST_CASE("messages that are not kernel events are rejected") {
    CHECK_FALSE(parse_uevent("libudev\0\xfe\xed\xca\xfe"sv));
    CHECK_FALSE(parse_uevent(""sv));
    CHECK_FALSE(parse_uevent("add@/x"sv));
    CHECK_FALSE(parse_uevent("add@/x\0SUBSYSTEM=net\0"sv));
    CHECK(parse_uevent("add@/x\0ACTION=add\0DEVPATH=/x"sv));
}
