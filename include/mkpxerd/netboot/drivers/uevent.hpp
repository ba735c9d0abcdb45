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
    std::string_view modalias;    // may be empty
    std::string_view device_name; // below /dev; empty: no node
};

// "add@/devices/..." NUL "KEY=value" NUL ... (lib/kobject_uevent.c). nullopt: another message, for example
// one from udev.
std::optional<Uevent> parse_uevent(std::string_view message);

} // namespace mkpxerd::netboot
