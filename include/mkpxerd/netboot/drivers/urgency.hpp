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
    Soon,   // not for a device, but a later phase needs it: file systems
    Rest,   // display, sound, sensors: the new root loads them as well
};

enum class DeviceKind : std::uint8_t {
    Network,
    Storage,
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
    bool operator==(const BootNeeds&) const = default;
};

BootNeeds needs_of(const BootPlan& plan, const BootOptions& options);
Urgency urgency_of(std::string_view modalias, const BootNeeds& needs);

} // namespace mkpxerd::netboot
