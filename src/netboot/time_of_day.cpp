// SPDX-License-Identifier: MIT
// Boards without a battery start in 1970; certificates do not.
#include "mkpxerd/netboot/time_of_day.hpp"

#include <ctime>
#include <utility>

namespace mkpxerd::netboot {

TimeOfDay::TimeOfDay()
    : TimeOfDay([] { return static_cast<std::int64_t>(std::time(nullptr)); },
                [](std::int64_t seconds) {
                    const timespec time{static_cast<std::time_t>(seconds), 0};
                    return ::clock_settime(CLOCK_REALTIME, &time) == 0;
                }) {}

TimeOfDay::TimeOfDay(Read read, Set set) : read_(std::move(read)), set_(std::move(set)) {}

bool TimeOfDay::advance(std::int64_t at_least, std::string source) {
    if (at_least <= now()) return false;
    if (set_(at_least))
        ahead_ = 0;
    else
        ahead_ = at_least - read_();
    source_ = std::move(source);
    return true;
}

} // namespace mkpxerd::netboot
