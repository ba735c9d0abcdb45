// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/network_cards.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

// As QEMU 7.2 prints it, shortened.
constexpr const char* device_help = R"(USB devices:
name "usb-hub", bus usb-bus

Network devices:
name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"
name "ne2k_isa", bus ISA
name "virtio-net-pci", bus PCI, alias "virtio-net"

Display devices:
name "VGA", bus PCI
)";

struct Emulator {
    test::TempDir dir;
    std::filesystem::path program =
        dir.write("qemu", "#!/bin/sh\n[ \"$*\" = '-device help' ] || exit 1\ncat <<'E'\n" +
                              std::string(device_help) + "E\n");
    Emulator() { std::filesystem::permissions(program, std::filesystem::perms(0755)); }
};

} // namespace

TEST_CASE("the models are the network cards for PCI, with their other names") {
    CHECK(read_card_models(device_help) ==
          std::vector<std::string>{"e1000", "e1000-82540em", "virtio-net-pci", "virtio-net"});
    CHECK(read_card_models("").empty());
}

TEST_CASE("each card that QEMU lacks is named, with the one that was probably meant") {
    const Emulator emulator;
    CHECK(check_network_cards(emulator.program, {"e1000,mac=52:54:00:00:00:07", "virtio-net"}));
    const auto checked = check_network_cards(emulator.program, {"e10000", "ne2k_isa", "e1000"});
    REQUIRE_FALSE(checked);
    REQUIRE(checked.error().problems().size() == 2);
    CHECK(to_text(checked.error().first()) ==
          "--nic e10000: QEMU has no such network card (did you mean e1000?)");
    CHECK(
        to_text(checked.error().problems()[1]) ==
        "--nic ne2k_isa: QEMU has no such network card (usual ones: virtio-net-pci, e1000, e1000e, rtl8139; "
        "qemu -device help lists all)");
}

TEST_CASE("without cards of the user, and without an answer of QEMU, there is nothing to check") {
    CHECK(check_network_cards("/nonexistent", {}));
    CHECK(check_network_cards("/bin/false", {"e1000"}));
}
