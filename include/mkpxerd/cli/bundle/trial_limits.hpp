// SPDX-License-Identifier: MIT
// The memory and the time of a trial, as people write them.
#pragma once

#include <cstdint>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::cli {

// "512", "512M", "1G" -> MiB. Errors: not a size; too little for any kernel, or more than QEMU takes.
Result<std::uint64_t> read_trial_memory(const std::string& text);
// "90", "90s", "3m", "1h" -> seconds. Errors: not a time; none, or more than a day.
Result<std::uint64_t> read_trial_time(const std::string& text);

} // namespace mkpxerd::cli
