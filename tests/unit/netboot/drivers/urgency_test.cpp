// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/urgency.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

BootNeeds needs(const std::string& cmdline) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", cmdline}};
    const BootOptions options = parse_boot_options(sources).value();
    return needs_of(make_boot_plan(options, {.has_apk = true}).value(), options);
}

} // namespace

TEST_CASE("a driver is as urgent as its device, by class and type") {
    const auto [modalias, for_network, for_storage] = GENERATE(table<std::string, Urgency, Urgency>({
        {"pci:v00008086d0000100Esv1sd1bc02sc00i00", Urgency::Device, Urgency::Rest},
        {"pci:v000015B3d00001003sv1sd1bc0Csc06i00", Urgency::Device, Urgency::Rest},
        {"pci:v00001000d00000072sv1sd1bc01sc07i00", Urgency::Rest, Urgency::Device},
        {"pci:v00008086d00009D2Dsv1sd1bc08sc05i01", Urgency::Rest, Urgency::Device},
        {"pci:v00001AF4d00001041sv1sd1bc02sc00i00", Urgency::Device, Urgency::Rest},
        {"pci:v00001AF4d00001042sv1sd1bc01sc00i00", Urgency::Rest, Urgency::Device},
        {"pci:v00001AF4d00001009sv1sd1bc00sc02i00", Urgency::Bus, Urgency::Bus},
        {"pci:v00008086d0000A0EDsv1sd1bc0Csc03i30", Urgency::Bus, Urgency::Bus},
        {"pci:v00005853d00000001sv1sd1bcFFsc80i00", Urgency::Bus, Urgency::Bus},
        {"pci:v00001234d00001111sv1sd1bc03sc00i00", Urgency::Rest, Urgency::Rest},
        {"pci:v00001234d000011E8sv1sd1bc00scFFi00", Urgency::Rest, Urgency::Rest},
        {"virtio:d00000001v00001AF4", Urgency::Device, Urgency::Rest},
        {"virtio:d00000002v00001AF4", Urgency::Rest, Urgency::Device},
        {"virtio:d00000004v00001AF4", Urgency::Rest, Urgency::Rest},
        {"usb:v0BDAp8153d3100dc00dsc00dp00icFFiscFFip00in00", Urgency::Device, Urgency::Rest},
        {"usb:v0781p5581d0100dc00dsc00dp00ic08isc06ip50in00", Urgency::Rest, Urgency::Device},
        {"usb:v046DpC31Cd4920dc00dsc00dp00ic03isc01ip01in00", Urgency::Rest, Urgency::Rest},
        {"vmbus:635161f83edfc546913ff2d2f965ed0e", Urgency::Bus, Urgency::Bus},
        {"platform:ravb", Urgency::Bus, Urgency::Bus},
        {"acpi:PNP0C0A:", Urgency::Rest, Urgency::Rest},
    }));
    INFO(modalias);
    CHECK(urgency_of(modalias, {.network = true, .storage = false}) == for_network);
    CHECK(urgency_of(modalias, {.network = false, .storage = true}) == for_storage);
    CHECK(urgency_of(modalias, {.network = false, .storage = false}) == Urgency::Rest);
}

TEST_CASE("the driver of a console that console= names is loaded before what nothing needs") {
    const std::string console = "virtio:d00000003v00001AF4";
    CHECK(urgency_of(console, {.network = true, .storage = true, .console = true}) == Urgency::Soon);
    CHECK(urgency_of(console, {.network = true, .storage = true, .console = false}) == Urgency::Rest);
    const std::string on_bus = "pci:v00001AF4d00001043sv1sd1bc07sc80i00";
    CHECK(urgency_of(on_bus, {.network = false, .storage = false, .console = true}) == Urgency::Bus);
}

TEST_CASE("the plan of a boot says which kinds of devices it needs") {
    CHECK(needs("root=/dev/sda") == BootNeeds{.network = false, .storage = true});
    CHECK(needs("root=nfs:10.0.0.1:/srv") == BootNeeds{.network = true, .storage = false});
    CHECK(needs("root=nfs:10.0.0.1:/srv resume=/dev/sda") == BootNeeds{.network = true, .storage = true});
    CHECK(needs("apkovl=http://h/a.apkovl.tar.gz alpine_dev=sda") ==
          BootNeeds{.network = true, .storage = true});
    CHECK(needs("root=/dev/sda console=tty0 console=hvc0,9600") ==
          BootNeeds{.network = false, .storage = true, .console = true});
    CHECK(needs("").storage); // an apkovl is searched for on every device
}
