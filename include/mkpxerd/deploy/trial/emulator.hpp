// SPDX-License-Identifier: MIT
// TrialRequest -> the command line of QEMU.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

// What to boot, and when the trial ends.
struct TrialRequest {
    std::filesystem::path image;            // empty: boot a bundle
    std::filesystem::path kernel;           // of the image
    std::filesystem::path bundle;           // a directory with boot.ipxe
    std::filesystem::path arrival;          // the program to serve as a whole root, when no options are given
    std::filesystem::path relay;            // the program that carries connections of a bundle's machine
    std::string baked;                      // options in the image of the bundle
    bool has_apk = false;                   // that image
    std::optional<std::string> options;     // kernel command line; none: boot the served root
    std::string expected;                   // text to wait for; empty: the handover
    std::vector<std::string> network_cards; // by QEMU's names; empty: one virtio-net-pci
    std::uint64_t memory = 512;             // MiB
    std::uint64_t timeout = 180;            // seconds
    bool uefi = false;
    bool wants_report = false; // of the init, by a serial port
};

// The parts of the command line that do not come from the request.
struct EmulatorParts {
    std::filesystem::path program;
    std::filesystem::path firmware_code; // with UEFI
    std::filesystem::path firmware_variables;
};
// Errors name the missing packages.
Result<EmulatorParts> find_emulator(bool uefi);

// What the machine is connected to, and who it is.
struct EmulatorWire {
    std::string network; // more options of QEMU's user network, see trial_network()
    std::string script;  // URL that the card's iPXE boots; empty: image and kernel are in memory
    std::string mac;     // of the first card; empty: QEMU's
    std::string uuid;    // of the machine; empty: none
};
std::vector<std::string> emulator_command(const EmulatorParts& parts, const TrialRequest& request,
                                          const EmulatorWire& wire, const std::string& command_line);

// Kernel options that follow those of the user or the bundle: the console, and a timeout so that the init
// reports its failure within the trial. others: texts with options that have a say, too.
std::string trial_options(const TrialRequest& request, std::string_view others);

} // namespace mkpxerd::deploy
