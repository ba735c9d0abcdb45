// SPDX-License-Identifier: MIT
// The time of day: the machine's clock, corrected by better sources, and never set to before the image was
// built.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace mkpxerd::netboot {

class TimeOfDay {
  public:
    // Seconds since 1970; set returns false when the clock cannot be set.
    using Read = std::function<std::int64_t()>;
    using Set = std::function<bool(std::int64_t)>;
    // image_time: when the image was built; 0: unknown.
    explicit TimeOfDay(std::int64_t image_time = 0); // the clock of this machine
    TimeOfDay(Read read, Set set, std::int64_t image_time = 0);

    std::int64_t now() const { return read_() + offset_; }
    std::int64_t image_time() const { return image_time_; }
    enum class Change {
        None,    // the clock is right
        Forward, // it was behind
        Back,    // it was ahead
        Refused, // the time is before the image was built
    };
    // Takes the time of a source ("NTP 10.0.0.1"). When the clock cannot be set, now() adds the difference.
    Change set(std::int64_t seconds, std::string source);
    // Where the time comes from: "the machine's clock", or the last source that set() took.
    const std::string& source() const { return source_; }

  private:
    Read read_;
    Set set_;
    std::int64_t image_time_;
    std::int64_t offset_ = 0; // seconds
    std::string source_ = "the machine's clock";
};

// "2026-01-02 03:04:05" in UTC.
std::string time_text(std::int64_t seconds);

} // namespace mkpxerd::netboot
