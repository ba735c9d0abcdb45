// SPDX-License-Identifier: MIT
// What time it is, as far as is known: the machine's clock, moved forward by better knowledge, never back.
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
    TimeOfDay(); // the clock of this machine
    TimeOfDay(Read read, Set set);

    std::int64_t now() const { return read_() + ahead_; }
    // It is at least this late, says the source ("NTP 10.0.0.1"). False: that is not news. When the clock
    // cannot be set, the difference is kept in mind.
    bool advance(std::int64_t at_least, std::string source);
    // Where the time is from: "the machine's clock", or what advance() was told last.
    const std::string& source() const { return source_; }

  private:
    Read read_;
    Set set_;
    std::int64_t ahead_ = 0; // seconds
    std::string source_ = "the machine's clock";
};

} // namespace mkpxerd::netboot
