// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/emulator.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mkpxerd::deploy;

namespace {

bool has(const std::vector<std::string>& command, const std::string& option, const std::string& value) {
    const std::vector<std::string> pair = {option, value};
    return std::search(command.begin(), command.end(), pair.begin(), pair.end()) != command.end();
}

} // namespace

TEST_CASE("an image is put into memory with its kernel, and the card's own loader is off") {
    TrialRequest request;
    request.image = "pxerd";
    request.kernel = "vmlinuz";
    request.network_cards = {"e1000"};
    const auto command = emulator_command({"qemu", {}, {}}, request, {}, "ip=dhcp quiet");
    CHECK(command.front() == "qemu");
    CHECK(has(command, "-kernel", "vmlinuz"));
    CHECK(has(command, "-initrd", "pxerd"));
    CHECK(has(command, "-append", "ip=dhcp quiet"));
    CHECK(has(command, "-device", "e1000,netdev=wire0,bootindex=1,romfile="));
    CHECK(has(command, "-netdev", "user,id=wire0"));
    CHECK(std::find(command.begin(), command.end(), "-uuid") == command.end());
}

TEST_CASE("a bundle is booted by the card's loader, from the script of the trial") {
    TrialRequest request;
    request.bundle = "bundle";
    const EmulatorWire wire{.network = "restrict=on",
                            .script = "http://10.0.0.1/x.ipxe",
                            .mac = "52:54:00:00:00:01",
                            .uuid = "11112222-3333-4444-5555-666677778888"};
    const auto command = emulator_command({"qemu", "code", "variables"}, request, wire, "unused");
    CHECK(has(command, "-netdev", "user,id=wire0,restrict=on,bootfile=http://10.0.0.1/x.ipxe"));
    CHECK(has(command, "-device", "virtio-net-pci,netdev=wire0,bootindex=1,mac=52:54:00:00:00:01"));
    CHECK(has(command, "-uuid", wire.uuid));
    CHECK(has(command, "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=code"));
    CHECK(has(command, "-drive", "if=pflash,format=raw,unit=1,snapshot=on,file=variables"));
    CHECK(std::find(command.begin(), command.end(), "-kernel") == command.end());
}

TEST_CASE("a wanted report comes out of a second serial port") {
    TrialRequest request;
    CHECK(trial_options(request, "").find("mkpxerd.report=") == std::string::npos);
    request.wants_report = true;
    const auto command = emulator_command({"qemu", {}, {}}, request, {}, "");
    CHECK(has(command, "-chardev", "file,id=report,path=/proc/self/fd/3"));
    CHECK(has(command, "-serial", "chardev:report"));
    CHECK(std::find(command.begin(), command.end(), "stdio") <
          std::find(command.begin(), command.end(), "chardev:report")); // the first port is the console
    CHECK(trial_options(request, "").find(" mkpxerd.report=/dev/ttyS1 ") != std::string::npos);
}

TEST_CASE("each card has a wire of its own, and they boot in their order") {
    TrialRequest request;
    request.network_cards = {"e1000", "rtl8139"};
    const EmulatorWire wire{
        .network = "restrict=on", .script = "http://10.0.0.1/x.ipxe", .mac = "52:54:00:00:00:01", .uuid = {}};
    const auto command = emulator_command({"qemu", {}, {}}, request, wire, "unused");
    CHECK(has(command, "-netdev", "user,id=wire1,restrict=on,bootfile=http://10.0.0.1/x.ipxe"));
    CHECK(has(command, "-device", "e1000,netdev=wire0,bootindex=1,mac=52:54:00:00:00:01"));
    CHECK(has(command, "-device", "rtl8139,netdev=wire1,bootindex=2"));
}

TEST_CASE("the init gives up before the trial does, so that its reason is heard") {
    TrialRequest request;
    CHECK(trial_options(request, "") == "console=ttyS0 no_timer_check mkpxerd.timeout=60 ");
    request.options = "ip=dhcp";
    request.timeout = 50;
    CHECK(trial_options(request, "") == "console=ttyS0 no_timer_check mkpxerd.timeout=25 ip=dhcp");
    request.timeout = 1;
    CHECK(trial_options(request, "") == "console=ttyS0 no_timer_check mkpxerd.timeout=1 ip=dhcp");
    // Whoever says how long it waits is believed.
    CHECK(trial_options(request, "kernel ${base}/vmlinuz mkpxerd.timeout=20") ==
          "console=ttyS0 no_timer_check ip=dhcp");
    request.options = "mkpxerd.timeout=9";
    CHECK(trial_options(request, "") == "console=ttyS0 no_timer_check mkpxerd.timeout=9");
}
