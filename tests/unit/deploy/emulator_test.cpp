// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/emulator.hpp"

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
    request.network_card = "e1000";
    const auto command = emulator_command({"qemu", {}, {}}, request, "http://10.0.2.2:1", "ip=dhcp quiet");
    CHECK(command.front() == "qemu");
    CHECK(has(command, "-kernel", "vmlinuz"));
    CHECK(has(command, "-initrd", "pxerd"));
    CHECK(has(command, "-append", "ip=dhcp quiet"));
    CHECK(has(command, "-device", "e1000,netdev=wire,bootindex=1,romfile="));
    CHECK(has(command, "-netdev", "user,id=wire"));
}

TEST_CASE("a bundle is booted by the card's loader, from the script of the trial") {
    TrialRequest request;
    request.bundle = "bundle";
    const auto command =
        emulator_command({"qemu", "code", "variables"}, request, "http://10.0.2.2:1", "unused");
    CHECK(has(command, "-netdev", "user,id=wire,bootfile=http://10.0.2.2:1/mkpxerd-try.ipxe"));
    CHECK(has(command, "-device", "virtio-net-pci,netdev=wire,bootindex=1"));
    CHECK(has(command, "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=code"));
    CHECK(has(command, "-drive", "if=pflash,format=raw,unit=1,snapshot=on,file=variables"));
    CHECK(std::find(command.begin(), command.end(), "-kernel") == command.end());
    CHECK(trial_script("http://10.0.2.2:1", "console=ttyS0") ==
          "#!ipxe\nset base http://10.0.2.2:1\nset more console=ttyS0\nchain ${base}/boot.ipxe\n");
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
