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
    std::filesystem::path image;        // empty: boot a bundle
    std::filesystem::path kernel;       // of the image
    std::filesystem::path bundle;       // a directory with boot.ipxe
    std::filesystem::path arrival;      // the program to serve as a whole root, when no options are given
    std::optional<std::string> options; // kernel command line; none: boot the served root
    std::string expected;               // text to wait for; empty: the handover
    std::string network_card = "virtio-net-pci"; // by QEMU's name
    std::uint64_t memory = 512;                  // MiB
    std::uint64_t timeout = 180;                 // seconds
    bool uefi = false;
};

// The parts of the command line that do not come from the request.
struct EmulatorParts {
    std::filesystem::path program;
    std::filesystem::path firmware_code; // with UEFI
    std::filesystem::path firmware_variables;
};
// Errors name the missing packages.
Result<EmulatorParts> find_emulator(bool uefi);

// server: the URL by which the machine reaches the web server of the trial, "http://10.0.2.2:PORT".
std::vector<std::string> emulator_command(const EmulatorParts& parts, const TrialRequest& request,
                                          const std::string& server, const std::string& command_line);

// Kernel options that follow those of the user or the bundle: the console, and a timeout so that the init
// reports its failure within the trial. bundle_script: the boot.ipxe of the bundle, if any.
std::string trial_options(const TrialRequest& request, std::string_view bundle_script);

// The script that the card's iPXE fetches first to boot a bundle, and its name on the server.
inline constexpr const char* trial_script_name = "/mkpxerd-try.ipxe";
std::string trial_script(const std::string& server, const std::string& options);

} // namespace mkpxerd::deploy
