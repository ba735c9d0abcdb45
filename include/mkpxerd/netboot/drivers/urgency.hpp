// SPDX-License-Identifier: MIT
// How urgently a boot needs the driver of a device. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "mkpxerd/contract/boot_plan.hpp"

namespace mkpxerd::netboot {

enum class Urgency : std::uint8_t {
    Device, // the boot waits for the device
    Bus,    // such a device may lie behind it
    Soon,   // a later phase needs it: file systems, consoles
    Rest,   // display, sound, sensors: the new root loads them as well
};

enum class DeviceKind : std::uint8_t {
    Network,
    Storage,
    Console,
    Bus, // or unknown: anything may lie behind it
    Other,
};
// Of a device, by its modalias.
DeviceKind kind_of(std::string_view modalias);

constexpr bool is_needed(Urgency urgency) {
    return urgency <= Urgency::Bus;
}

// The kinds of devices that a boot needs.
struct BootNeeds {
    bool network = true;
    bool storage = true;
    bool console = false; // one that a driver brings
    bool operator==(const BootNeeds&) const = default;
};

// Does a driver that may be a module bring this console of console=? Serial ports and the screen are the
// kernel's own.
bool comes_with_driver(std::string_view console);
BootNeeds needs_of(const BootPlan& plan, const BootOptions& options);
Urgency urgency_of(std::string_view modalias, const BootNeeds& needs);

} // namespace mkpxerd::netboot
