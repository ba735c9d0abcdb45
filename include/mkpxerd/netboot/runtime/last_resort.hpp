// SPDX-License-Identifier: MIT
// What happens when the init itself crashes: PID 1 must not end, or the kernel panics and the reason is
// lost.
#pragma once

#include <string_view>

namespace mkpxerd::netboot {

// Faults and std::terminate execute the init again with this argument and the reason: a clean process that
// prints the reason on the consoles and ends in a countdown or a shell. If that process crashes as well
// (crashed), it prints one line on the console, leaves time to read it, and restarts the machine.
inline constexpr std::string_view crashed_argument = "--crashed";
void catch_faults(bool crashed);

// For an escaped exception: the same as after a fault.
[[noreturn]] void start_crashed(std::string_view reason);

} // namespace mkpxerd::netboot
