// SPDX-License-Identifier: MIT
// The kernel's log as far as it still has it, and the times in it.
#pragma once

#include <string>
#include <string_view>

#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/timeline.hpp"

namespace mkpxerd::netboot {

// The records of /dev/kmsg, a line each: "4,712,2345678,-;text" (Documentation/ABI/testing/dev-kmsg). Empty
// when it cannot be read.
std::string read_kernel_log(const System& system);

// The text of a record, without what stands before it.
std::string_view text_of_record(std::string_view record);

KernelTimes parse_kernel_times(std::string_view log);

// The time of the last record of this text that a program wrote. nullopt: there is none.
std::optional<std::chrono::microseconds> time_of_line(std::string_view log, std::string_view text);

} // namespace mkpxerd::netboot
