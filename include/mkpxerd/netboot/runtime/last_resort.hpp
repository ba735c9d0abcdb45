// SPDX-License-Identifier: MIT
// What is left when the init itself breaks: PID 1 must not end, or the kernel panics and takes the reason
// with it.
#pragma once

#include <string_view>

namespace mkpxerd::netboot {

// Faults and std::terminate start the init anew with the word that follows, which says why on the consoles
// and ends in a countdown or a shell, with a clean process. When that breaks as well (crashed), there is one
// line on the console, time to read it, and a restart.
inline constexpr std::string_view crashed_argument = "--crashed";
void catch_faults(bool crashed);

// For an escaped exception: as after a fault.
[[noreturn]] void start_crashed(std::string_view reason);

} // namespace mkpxerd::netboot
