// SPDX-License-Identifier: MIT
// Boards without a battery start in 1970, and a wrong clock says 2099: no certificate is valid then.
#include "mkpxerd/netboot/runtime/time_of_day.hpp"

#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <utility>

namespace mkpxerd::netboot {

TimeOfDay::TimeOfDay(std::int64_t image_time)
    : TimeOfDay([] { return static_cast<std::int64_t>(std::time(nullptr)); },
                [](std::int64_t seconds) {
                    const timespec time{static_cast<std::time_t>(seconds), 0};
                    return ::clock_settime(CLOCK_REALTIME, &time) == 0;
                },
                image_time) {}

TimeOfDay::TimeOfDay(Read read, Set set, std::int64_t image_time)
    : read_(std::move(read)), set_(std::move(set)), image_time_(image_time) {}

TimeOfDay::Change TimeOfDay::set(std::int64_t seconds, std::string source) {
    constexpr std::int64_t precision = 1; // of an answer in whole seconds, after its way here
    const std::int64_t before = now();
    if (seconds < image_time_) return Change::Refused;
    if (std::abs(seconds - before) <= precision) return Change::None;
    offset_ = set_(seconds) ? 0 : seconds - read_();
    source_ = std::move(source);
    return seconds > before ? Change::Forward : Change::Back;
}

std::string time_text(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                       utc.tm_hour, utc.tm_min, utc.tm_sec);
}

} // namespace mkpxerd::netboot
