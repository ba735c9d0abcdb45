// SPDX-License-Identifier: MIT
// Reports the progress of a download: a line every ten percent or five seconds, and no line for a quick one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class DownloadProgress {
  public:
    DownloadProgress(Log& log, std::string name, Clock::time_point now = Clock::now());
    // bytes: received so far. total: of the object, if known.
    void update(std::uint64_t bytes, std::optional<std::uint64_t> total, Clock::time_point now);

  private:
    Log& log_;
    std::string name_;
    Clock::time_point started_;
    Clock::time_point logged_at_;
    std::uint64_t first_bytes_ = 0; // when the current attempt began
    unsigned logged_percent_ = 0;
    bool counting_ = false;
};

// "modloop: 40 %, 12.3 MB of 30.8 MB, 2.1 MB/s, 9 s left"; never longer than 79 columns.
std::string progress_line(const std::string& name, std::uint64_t bytes, std::optional<std::uint64_t> total,
                          double bytes_per_second);

} // namespace mkpxerd::netboot
