// SPDX-License-Identifier: MIT
// One message of the kernel's uevent netlink group. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace mkpxerd::netboot {

// Views into the message.
struct Uevent {
    std::string_view action;      // "add", "remove", "change", ...
    std::string_view device_path; // below /sys
    std::string_view subsystem;
    std::string_view modalias;    // empty: none
    std::string_view device_name; // below /dev; empty: no node
};

// "add@/devices/..." NUL "KEY=value" NUL ... (lib/kobject_uevent.c). nullopt: something else, like udev's own
// messages, whose sender is no kernel.
std::optional<Uevent> parse_uevent(std::string_view message);

} // namespace mkpxerd::netboot
