// SPDX-License-Identifier: MIT
// Firmware that the kernel looked for in vain, as its log tells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

struct MissingFirmware {
    std::string driver;
    std::string device; // "0000:00:03.0"
    std::string name;   // below lib/firmware
    bool operator==(const MissingFirmware&) const = default;
};

// Lines of /dev/kmsg; each once, in their order. Pure.
std::vector<MissingFirmware> parse_missing_firmware(std::string_view log);
// Of network cards alone.
std::vector<MissingFirmware> read_missing_firmware(const System& system);

Problem to_problem(const MissingFirmware& firmware);
// A network failure, with the firmware as its cause (MPX-NET-05) when there is no card, or one that cannot be
// brought up; otherwise as one more line: many drivers go on without theirs.
Error with_missing_firmware(Error error, const std::vector<MissingFirmware>& missing);

} // namespace mkpxerd::netboot
