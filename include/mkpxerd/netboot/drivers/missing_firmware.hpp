// SPDX-License-Identifier: MIT
// Firmware that the kernel did not find, from its log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

struct FirmwareFailure {
    std::string driver;
    std::string device; // "0000:00:03.0"
    std::string name;   // below lib/firmware
    bool operator==(const FirmwareFailure&) const = default;
};

// From lines of /dev/kmsg, in their order, each once. Pure.
std::vector<FirmwareFailure> parse_missing_firmware(std::string_view log);
// Only the firmware of network cards.
std::vector<FirmwareFailure> read_missing_firmware(const System& system);

Problem to_problem(const FirmwareFailure& firmware);
// Adds the missing firmware to a network failure: as its cause (MPX-NET-05) if no card was found or none
// could be brought up, otherwise as a further line, because many drivers work without their firmware.
Error with_missing_firmware(Error error, const std::vector<FirmwareFailure>& missing);

} // namespace mkpxerd::netboot
